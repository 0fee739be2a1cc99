process.stdout.write('phoenix\n');

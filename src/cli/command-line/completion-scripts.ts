/** The shells that completion is made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * The script that a shell loads. All knowledge stays in Phoenix: the script hands the words typed so
 * far to `phoenix completion --complete` and offers what that prints (a word, a tab, its meaning).
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# phoenix completion for bash. Load it with: source <(phoenix completion bash)
_phoenix() {
  local word line
  COMPREPLY=()
  # "tag:web" is one word for Phoenix and three for bash.
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") current="\${COMP_WORDS[COMP_CWORD]}" prefix=""
  local text="\${COMP_LINE:0:COMP_POINT}"
  word="\${text##*[[:space:]]}"
  if [[ "$word" == *:* ]]; then
    local -a parts
    read -r -a parts <<<"$text"
    words=("\${parts[@]:1}")
    prefix="\${word%:*}:"
  fi
  while IFS=$'\\t' read -r line _; do
    COMPREPLY+=("\${line#"$prefix"}")
  done < <("\${COMP_WORDS[0]}" completion --complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _phoenix phoenix
`,
  zsh: `#compdef phoenix
# phoenix completion for zsh. Load it with: source <(phoenix completion zsh)
_phoenix() {
  local -a candidates
  local word meaning
  while IFS=$'\\t' read -r word meaning; do
    candidates+=("\${word//:/\\\\:}\${meaning:+:$meaning}")
  done < <("\${words[1]}" completion --complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe -V phoenix candidates
  else
    _files
  fi
}
compdef _phoenix phoenix
`,
  fish: `# phoenix completion for fish. Load it with: phoenix completion fish | source
function __phoenix_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] completion --complete -- $words[2..-1] 2>/dev/null
end
complete -c phoenix -a '(__phoenix_complete)'
`,
};

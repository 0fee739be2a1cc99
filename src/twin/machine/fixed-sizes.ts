/** Bytes of a Cloud-Init drive. */
export const CLOUD_INIT_BYTES = 4 * 1024 ** 2;

/** Bytes of a disk for the state of a TPM. */
export const TPM_BYTES = 4 * 1024 ** 2;

/** Bytes of a disk for EFI variables, by its type. */
export const EFI_BYTES = { '4m': 540_672, '2m': 131_072 } as const;

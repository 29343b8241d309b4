/** Name of the volume for a storage path of a box, for example `benchbox-sandbox-home-peid`. */
export const volumeName = (box: string, key: string): string => `${box}-${key}`;

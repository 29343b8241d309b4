/** The volume of one of a box's storage places, for example `benchbox-sandbox-home-peid`. */
export const volumeName = (box: string, key: string): string => `${box}-${key}`;

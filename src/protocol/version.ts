/** Raised by every change of the contract that an old client could stumble over. */
export const PROTOCOL_VERSION = 1;

/** Version of the server. */
export const SERVER_VERSION = "0.1.0";

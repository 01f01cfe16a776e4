/** The type URL of a message inside an Any. */
export const typeUrl = <Message extends string>(
  message: Message,
): `type.googleapis.com/${Message}` => `type.googleapis.com/${message}`;

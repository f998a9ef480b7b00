const decoder = new TextDecoder();

/** All of a stream as UTF-8. Throws when it is longer than `sizeBytesMax`; what is behind is not waited for. */
export async function readLimited(
  chunks: AsyncIterable<Uint8Array>,
  sizeBytesMax: number,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMax) {
      throw new Error(`the answer is longer than ${sizeBytesMax} bytes, which \`limit\` allows`);
    }
    parts.push(chunk);
  }
  return decoder.decode(Buffer.concat(parts));
}

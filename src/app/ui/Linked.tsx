/** A text in which an address is a link, shown as its host. */
export function Linked({ text }: { text: string }) {
  const address = /https:\/\/[^\s,]+/.exec(text)?.[0];
  if (address === undefined) return text;
  const [before, after] = text.split(address);
  return (
    <>
      {before}
      <a href={address} target="_blank" rel="noreferrer">
        {new URL(address).host}
      </a>
      {after}
    </>
  );
}

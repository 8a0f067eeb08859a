export function Snapshot({ id }: { id: string }) { return <p>{id}</p>; }

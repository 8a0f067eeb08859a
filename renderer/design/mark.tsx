/** Two towers, and the bridge between them let down. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Drawbridge">
      <rect width="32" height="32" rx="7" fill="#0e2a33" />
      <path d="M5 11V8h2v1.5h2V8h2v3l-.8 1.4V23H5.8V12.4Z" fill="#d7eaee" />
      <path d="M21 11V8h2v1.5h2V8h2v3l-.8 1.4V23h-4.4V12.4Z" fill="#d7eaee" />
      <path d="M10.5 12.2 21.5 12.2" stroke="#82bfcb" strokeWidth="1" strokeDasharray="1.5 1.3" />
      <rect x="9.8" y="19.2" width="12.4" height="2.1" rx=".6" fill="#f4bd5b" />
      <path
        d="M4 26c2 0 2-1.3 4-1.3S10 26 12 26s2-1.3 4-1.3S18 26 20 26s2-1.3 4-1.3S26 26 28 26"
        fill="none"
        stroke="#459fb2"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </svg>
  );
}

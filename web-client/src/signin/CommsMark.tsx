import type { ReactNode } from "react";

/** The product's mark: a voice wave leaving a point. */
export function CommsMark({ size }: { size: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" fill="#12305f" />
      <g fill="none" stroke="#5db2ff" strokeWidth="5" strokeLinecap="round">
        <path d="M30 19a18 18 0 0 1 0 26" />
        <path d="M39 12a28 28 0 0 1 0 40" opacity="0.6" />
      </g>
      <circle cx="19" cy="32" r="7.5" fill="#ffffff" />
    </svg>
  );
}

// Writes an amount in USD. This module imports nothing, so that the review page can read it as a script.

// `$4.80`; below a cent in tenths of a cent, and exactly below those, as the commands write it. null: nobody knows.
export function money(usd) {
  if (usd === null || usd === undefined) return "no price";
  if (usd > 0 && usd < 0.001) return `$${usd.toFixed(6).replace(/0{1,4}$/, "")}`;
  if (usd > 0 && usd < 0.01) return `$${usd.toFixed(3)}`;
  return `$${(usd + 1e-9).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

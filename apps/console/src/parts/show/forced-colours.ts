/**
 * Where the few colours that a person has chosen replace ours, every background is the same and a transparent border is seen. A style
 * that says something by either says it here by a system colour, which stays: `Canvas` hides, `Highlight` marks, `CanvasText` draws.
 */
export const forcedColours = '@media (forced-colors: active)';

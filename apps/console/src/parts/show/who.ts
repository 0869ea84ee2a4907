import { useCallback } from 'react';
import { useWord } from '../../texts/use-texts.ts';
import { who as texts } from './texts.ts';

/** Who asked for something: a person as they are called, a part of Isthmus by what it does. */
export function useWho(): (subject: string) => string {
  const word = useWord(texts);
  return useCallback((subject) => word('by', subject), [word]);
}

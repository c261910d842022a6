import { readStored, writeStored } from "../lib/storage";
import { Store, useStore } from "../lib/store";
import type { TextKey, Texts } from "./en";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";

const storageKey = "comms.language";
const dictionaries: Record<Language, Texts> = { zh, en };

/** The stored choice, else the browser's language. */
export function pickLanguage(stored: string | null, preferred: readonly string[]): Language {
  if (stored === "zh" || stored === "en") return stored;
  return preferred[0]?.toLowerCase().startsWith("zh") === true ? "zh" : "en";
}

export const language = new Store<Language>(
  typeof window === "undefined" ? "en" : pickLanguage(readStored(storageKey), navigator.languages),
);

/** Names the document's language, for screen readers and fonts, and keeps it named. */
export function followDocumentLanguage(titleKey: TextKey): void {
  const apply = (): void => {
    document.documentElement.lang = language.get() === "zh" ? "zh-CN" : "en";
    document.title = `${translate(language.get(), titleKey)} · ${translate(language.get(), "product")}`;
  };
  language.subscribe(apply);
  apply();
}

export function switchLanguage(): void {
  const next = language.get() === "zh" ? "en" : "zh";
  writeStored(storageKey, next);
  language.set(next);
}

/** The text of a key with its {parameters} filled in. */
export function translate(of: Language, key: TextKey, parameters: Record<string, string | number> = {}): string {
  return dictionaries[of][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** The text of "prefix.word" (a word of the wire may have spaces) when there is one, else the word itself: new words of a newer server stay readable. */
export function translateWord(of: Language, prefix: string, word: string): string {
  const key = `${prefix}.${word}`;
  return isTextKey(key) ? translate(of, key) : word;
}

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

export interface Translator {
  language: Language;
  t(key: TextKey, parameters?: Record<string, string | number>): string;
  word(prefix: string, word: string): string;
  /** A domain name in the reader's language, the other one when it is missing. */
  name(named: { nameZh: string; nameEn: string }): string;
}

export function translatorOf(of: Language): Translator {
  return {
    language: of,
    t: (key, parameters) => translate(of, key, parameters),
    word: (prefix, word) => translateWord(of, prefix, word),
    name: ({ nameZh, nameEn }) => (of === "zh" ? nameZh || nameEn : nameEn || nameZh),
  };
}

export function useTranslator(): Translator {
  return translatorOf(useStore(language));
}

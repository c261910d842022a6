import { describe, expect, it } from "vitest";
import { en } from "./en";
import { pickLanguage, translate, translateWord, translatorOf } from "./i18n";
import { zh } from "./zh";

const parametersOf = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("the dictionaries", () => {
  it("have the same keys", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.entries(en))("fill the same parameters and no empty text: %s", (key, text) => {
    const other = Object.entries(zh).find(([name]) => name === key)?.[1] ?? "";
    expect(text).not.toBe("");
    expect(other).not.toBe("");
    expect(parametersOf(other)).toEqual(parametersOf(text));
  });
});

describe("the language", () => {
  it("is the stored one, then the browser's, then English", () => {
    expect(pickLanguage("zh", ["en-US"])).toBe("zh");
    expect(pickLanguage(null, ["zh-CN", "en"])).toBe("zh");
    expect(pickLanguage("fr", ["fr-FR", "zh"])).toBe("en");
    expect(pickLanguage(null, [])).toBe("en");
  });
});

describe("a text", () => {
  it("is filled with its parameters", () => {
    expect(translate("en", "signin.limited", { seconds: 20 })).toBe("Too many attempts. Try again in 20 s.");
    expect(translate("zh", "ptt.listeners", { count: 3 })).toBe("3 人收听");
  });

  it("of a word that this page does not know is the word", () => {
    expect(translateWord("zh", "deny", "receiveOnly")).toBe("您在此频道只能收听");
    expect(translateWord("zh", "deny", "somethingNew")).toBe("somethingNew");
  });

  it("falls back to the other language's name", () => {
    expect(translatorOf("en").name({ nameZh: "莞城", nameEn: "" })).toBe("莞城");
  });
});

"""`python -m bot.replies`: every sentence of the catalogues, in all its forms, languages together.

For translators, who read in one place what members will read: `docs/languages.md`.
"""

import sys

from bot.replies import FALLBACK, LANGUAGES, say
from bot.replies.samples import examples, shapes


def main(words: list[str]) -> int:
    """Print the topics and languages in `words`; all where none is named."""
    catalogue = shapes()
    unknown = [word for word in words if word not in (*LANGUAGES, *catalogue)]
    if unknown:
        print(
            f"{unknown[0]} is neither a language ({', '.join(LANGUAGES)}) nor a topic"
            f" ({', '.join(catalogue)})",
            file=sys.stderr,
        )
        return 2
    named = [word for word in words if word in LANGUAGES]
    languages = tuple(dict.fromkeys((FALLBACK, *named))) if named else LANGUAGES
    for topic in [word for word in words if word in catalogue] or catalogue:
        print(f"\n# {topic}")
        for key, shape in catalogue[topic].items():
            print(f"\n{key}")
            for text in dict.fromkeys(
                tuple(say(item, language) for language in languages)
                for item in examples(key, shape)
            ):
                for language, said in zip(languages, text, strict=True):
                    print(f"  {language}  " + said.replace("\n", "\n      "))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

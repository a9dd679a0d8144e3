# The words that a chat's admins add to the prompt filter.
filter-too-long = That is { $length } characters long, and { $most } are the most. A word or a short phrase will do.
filter-no-word = I find no word there. Write a word or a phrase, with one of + = ~ before it if you like.
filter-too-short = That is too short, and would match by chance. It takes { $least } letters at least.
filter-too-broad = That would refuse nearly every request.
filter-exception-operators = Exceptions (with !) also lift the lists of this bot, so only its operator can add them.
filter-already = That is on the list already: { $word }
filter-full = The list is full: { $most } entries are the most. Remove some first with /admin filter rm.
filter-not-there = That is not on this list: { $word }
filter-added = Forbidden { $where } now, as { $category }: { $word }
filter-excepted = Never a match { $where } from now on: { $word }
filter-removed = Off the list { $where }: { $word }
filter-list-empty = No words of your own are forbidden { $where }. The lists that come with me hold all the same.
filter-list-title = Words of your own { $where } ({ $count } of { $most }):
filter-list-line = • { $category }: { $words }
filter-test-nothing = The filter finds nothing in that { $where }.
filter-test-found = The filter finds { $category } in that { $where }: { $action }.
filter-test-fixed = The filter finds { $category } in that: always refused, whatever is set.
filter-action-allow = allowed
filter-action-spoiler = drawn behind a spoiler
filter-action-refuse = refused
category-minors = sexual content with minors
category-unreadable = more alternations than I can check
admin-words-missing = Which words?
admin-which-choice = “{ $asked }” is none of these: { $known }.
told-aside = I have written it to you in private. If nothing comes, start a private chat with me first.
told-aside-to-nobody = I can tell that only in private, and to whom I do not see. Ask again without being anonymous.
log-act-filter = words of

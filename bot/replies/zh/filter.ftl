# 群管理员为提示词过滤器添加的词。
filter-too-long = 这段有 { $length } 个字符，最多 { $most } 个。写一个词或短语就好。
filter-no-word = 这里找不到词。请写一个词或短语，前面可以加 +、= 或 ~。
filter-too-short = 太短了，容易误伤。至少要 { $least } 个字。
filter-too-broad = 这样几乎所有请求都会被拒绝。
filter-exception-operators = 例外（以 ! 开头）也会放过机器人自带的词表，所以只有机器人管理员能添加。
filter-already = 列表里已经有了：{ $word }
filter-full = 列表满了，最多 { $most } 条。请先用 /admin filter rm 删掉一些。
filter-not-there = 列表里没有：{ $word }
filter-added = 已{ $where }禁用，归为{ $category }：{ $word }
filter-excepted = 已{ $where }设为例外，不再算命中：{ $word }
filter-removed = 已{ $where }移出列表：{ $word }
filter-list-empty = { $where }没有另外禁用的词。我自带的词表照常有效。
filter-list-title = { $where }另外禁用的词（{ $count }/{ $most }）：
filter-list-line = • { $category }：{ $words }
filter-test-nothing = { $where }，过滤器没有发现问题。
filter-test-found = { $where }，过滤器发现{ $category }：{ $action }。
filter-test-fixed = 过滤器发现{ $category }：无论怎样设置，一律拒绝。
filter-action-allow = 允许
filter-action-spoiler = 画出来，但加遮罩
filter-action-refuse = 拒绝
category-minors = 涉及未成年人的性内容
category-unreadable = 检查不过来的交替语法
admin-words-missing = 哪些词？
admin-which-choice = “{ $asked }”不在可选范围内：{ $known }。
told-aside = 已经私下发给你了。如果没收到，请先和我开始私聊。
told-aside-to-nobody = 这只能私下告诉你，但我看不到你是谁。请取消匿名后再问一次。
log-act-filter = 禁用词

# 回复结果时写的文字，以及 ✏️ 表单。
note-tweak-added = 已把“{ $words }”加到原来的提示词里。想画别的，直接用文字回复那张图。
note-tweak-avoided = 提示词里没有“{ $words }”，从现在起会尽量避开它。
note-tweak-empty = + 或 - 后面没有内容，这一处没有改动。
edit-title = 修改后再画
edit-prompt = 提示词
edit-negative = 负面提示词
edit-seed = 种子（留空则随机）
edit-strength = 重绘幅度：底图改动多少

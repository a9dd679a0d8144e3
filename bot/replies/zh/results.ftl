# 结果下面的按钮，以及按下后的回答。
button-about-upscale = { $number ->
    [0] 放大
   *[other] 放大第 { $number } 张
}
button-about-vary = { $number ->
    [0] 画一张略有不同的
   *[other] 把第 { $number } 张画得略有不同
}
button-about-again = 换个种子再画一次
button-about-edit = 改改提示词再画
button-about-file = 原始文件
button-about-info = 参数
button-about-delete = 删除
button-about-report = 举报

not-your-button = 在这里，只有请求这张图的人能点它下面的按钮。想要自己的图，用 /draw 就行。
not-your-result = 只有请求这张图的人或管理员可以这样做。
button-elsewhere = 这个按钮属于另一个聊天。
picture-forgotten = 应请求者的要求，这张图的提示词已经删除。
picture-deleted = 这张图已经删除了。
picture-not-shown = 这张图没有在这里展示过，所以不提供原始文件。
picture-only-blurred = 这张图在这里只能模糊显示，所以不提供原始文件，也不提供参数。
redrawn-gone = 原来的文件已被清理，所以按记录重新画了一次。
info-seeds = 这些图的种子：{ $seeds }
result-deleted = 已删除。
form-ask = { $name }，请回复这条消息，写下要改什么：新的提示词、+ 雪、- 人、--seed 5。原来是这样写的：
form-ask-anybody = 请回复这条消息，写下要改什么：新的提示词、+ 雪、- 人、--seed 5。原来是这样写的：
form-placeholder = 新的提示词、--seed 5……
telegram-album-buttons = 这 { $count } 张图的按钮

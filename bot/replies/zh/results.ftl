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
button-about-edit = 改改描述再画
button-about-file = 原始文件
button-about-info = 参数
button-about-delete = 删除
button-about-report = 举报

not-your-button = 在这个聊天里，只有请求的人能按图下面的按钮。想要自己的图，可以用 /draw。
not-your-result = 只有请求这张图的人或管理员可以这样做。
button-elsewhere = 这个按钮属于另一个聊天。
picture-forgotten = 按主人的意愿，这张图的描述已经被忘记了。
picture-deleted = 这张图已经删除了。
picture-not-shown = 这张图没有在这里展示过，所以没有文件可以给出。
picture-only-blurred = 这张图在这里只以模糊的样子展示，所以没有文件可以给出。
redrawn-gone = 原来的文件已被清理，所以按记录重新画了一次。
info-seeds = 这些图的种子：{ $seeds }
result-deleted = 已删除。
form-ask = { $name }，请回复这条消息，写下想改的内容。写文字会替换描述；这张图是这样画的：
form-placeholder = 新的描述、--seed 5 …
telegram-album-buttons = 下面 { $count } 张图的按钮

# 只有 Telegram 用得到的句子。

request-too-old = 你发这条消息时我不在线。如果还需要，请再发一次。
telegram-picture-moves = 我只能用静态图片作底图，这一张是会动的。请发照片或图片文件。
telegram-not-a-picture = 我只能用图片作底图：照片或图片文件都可以。
telegram-album-wordless = 想从哪一张开始画？请回复那一张，写上要画什么，例如“改成夜晚”。
telegram-picture-lost = 没能从 Telegram 取到你的图片，请再发一次。
telegram-recompressed = 原图超出 Telegram 的大小限制，这是压缩后的版本。
telegram-files-aside = 文件无法加遮挡，原图已私下发给你。
telegram-files-covered = 文件无法加遮挡，所以这里发的是照片。先给我发一条私信，以后我就能把原图私下发给你。
telegram-origin = ↩ 来自这张图
telegram-press-taken = 收到，画好后会发一条新消息。
telegram-placeholder = 第 { $number } 张（共 { $count } 张）马上就到……
telegram-hears-all = 群里的消息我都能收到（隐私模式已关闭，或我是管理员），所以在群里发“画 ……”也可以。
telegram-hears-commands = 在群里我只能收到命令、对我的回复和提到我的消息（隐私模式已开启）。“画 ……”可以在私聊里用，也可以在我是管理员的群里用。
telegram-hears-posts = 在频道里，我只听命令和对我所发图片的回复；我的按钮只有频道管理员能用。
telegram-post-unsigned = （在频道里，Telegram 不会告诉我是谁在写。请运营者在私聊里加上 --chat 来做。）
telegram-press-of-reader = 频道里的按钮只有管理员能用。想自己画，请私聊我。
telegram-rights-unknown = （刚才没能向 Telegram 查到你是不是这个群的管理员。如果是，请过一分钟再试。）

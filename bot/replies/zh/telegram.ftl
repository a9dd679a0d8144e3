# 只有 Telegram 用得到的句子。

request-too-old = 你发这条消息时我不在线。如果还需要，请再发一次。
telegram-picture-moves = 我只能用静态图片作底图，这一张是会动的。请发照片或图片文件。
telegram-not-a-picture = 我只能用图片作底图：照片或图片文件都可以。
telegram-picture-lost = 没能从 Telegram 取到你的图片，请再发一次。
telegram-recompressed = 原图超出 Telegram 的大小限制，这是压缩后的版本。
telegram-placeholder = 第 { $number } 张（共 { $count } 张）马上就到……

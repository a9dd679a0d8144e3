# 成员自己的预设，以及图片自带的参数。
command-preset = 把常用的文字和参数存成预设
command-info = 查看图片是怎样画的
preset-usage =
    /preset save 名字 文字和参数    保存；不写文字，就保存你回复的那张图或你最近一张图的设置
    /preset use 名字 文字    按预设来画；任何请求里写 --preset 名字 也可以
    /preset list 查看   /preset rm 名字 删除
preset-title = 你有 { $count } 个预设：
preset-none = 你还没有预设。
preset-line = • { $name }：{ $words }
preset-saved = 已保存为“{ $name }”：{ $words }
preset-replaced = “{ $name }”已改为：{ $words }
preset-how = 用它来画：/preset use { $name } 加文字，或者在任何请求里写 --preset { $name }。
preset-removed = “{ $name }”已删除。
preset-unknown = 你没有叫“{ $asked }”的预设。/preset list 可以查看。
preset-unknown-near = 你没有叫“{ $asked }”的预设，是不是 { $near }？
preset-bad-name = “{ $asked }”不能当预设的名字。请用最多 { $most } 个文字、数字、- 或 _，不含空格。
preset-long = 这些文字有 { $length } 个字符，一个预设最多 { $most } 个。
preset-too-many = 你已经有 { $most } 个预设了，请先用 /preset rm 名字 删掉一个。
preset-nothing = 没有可以取用的图。请直接写出来：/preset save 名字 文字
preset-nested = 预设里不能再套预设。
info-no-picture = 用 /info 回复一张图，或者把图一起发来，我告诉你它是怎样画的。
info-nothing = 这张图没有自带参数。
info-nothing-telegram = 这张图没有自带参数。Telegram 会去掉照片里的参数，以文件形式发送的图片才会保留。
unknown-command-near = 我不认识 /{ $command }，是不是 /{ $near }？

# On Discord
discord-name-info = 参数
discord-name-preset = 预设
discord-option-name = 名字
discord-option-words = 文字
discord-about-info-image = 想查看参数的图片
discord-preset-save = 保存
discord-preset-use = 使用
discord-preset-list = 列表
discord-preset-rm = 删除
discord-about-preset-save = 保存文字和参数；不写文字就保存你最近一张图的设置
discord-about-preset-use = 按预设画图
discord-about-preset-list = 查看你的预设
discord-about-preset-rm = 删除一个预设
discord-about-preset-name = 预设的名字
discord-about-preset-prompt = 想画什么，按这个预设来画
discord-about-preset-words = 作画时会写的内容：文字和参数
discord-menu-upscale = 放大
discord-menu-info = 查看参数
discord-menu-report = 举报

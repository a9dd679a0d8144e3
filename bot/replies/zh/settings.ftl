# /settings：群管理员为本群选定的，以及成员为自己选定的。
command-settings = 查看或修改默认设置
command-language = 选择我用哪种语言回复你，例如 /language zh

settings-title-chat = 本群的默认设置（请求里没写时采用）：
settings-title-member = 你自己的默认设置（在所有聊天里，请求里没写时采用）：
settings-line = • { $name }：{ $value }
settings-how-chat = 群管理员可以修改：/settings steps 30，恢复默认用 /settings steps 默认。只给自己设：/settings my steps 30
settings-how-member = 修改用 /settings my steps 30，恢复默认用 /settings my steps 默认。
settings-changed = { $name }（{ $scope ->
    [member] 仅自己
   *[chat] 本群
}）：{ $before } → { $after }。
settings-unchanged = { $name }本来就是{ $after }。
settings-default = 默认
settings-as-default = { $value }（默认）
settings-nothing = 无
settings-suits-model = 随模型而定
settings-usual-language = 跟随各人应用的语言
settings-usual-buttons = 所有人
settings-buttons-everyone = 所有人
settings-buttons-requester = 仅请求者本人和管理员
settings-language-en = 英语
settings-language-zh = 中文
settings-name-language = 语言
settings-name-model = 模型
settings-name-size = 尺寸
settings-name-steps = 步数
settings-name-negative = 负面提示词
settings-name-style = 统一风格
settings-name-buttons = 按钮
settings-name-pictures = 不宜公开的图片
settings-name-pictures-from = 不宜公开的判定线
settings-name-pictures-adult = 年龄限制频道里不宜公开的图片
settings-pictures-allow = 照常显示
settings-pictures-spoiler = 加遮挡显示
settings-pictures-blur = 模糊后显示
settings-pictures-hold = 等管理员审核
settings-pictures-drop = 不显示，也不收额度
settings-unknown = 没有“{ $asked }”这项设置。可用的有：{ $known }。
settings-unknown-near = 没有“{ $asked }”这项设置。是想写 { $near } 吗？
settings-of-chats = “{ $name }”是整个群的设置，由群管理员在群里修改。
settings-which-chat = 哪个聊天？请写上编号：chatelier admin settings --chat telegram:-1001234567890 steps 30
settings-admins-only = 只有本群的管理员可以修改。只给自己设，请写 /settings my ……
settings-bad-language = 我不会“{ $asked }”。请选 en、zh 或 auto。
settings-bad-buttons = 看不懂“{ $asked }”。请选 requester（本人）或 everyone（所有人）。
settings-bad-pictures = 不知道“{ $asked }”是要怎么处理图片。请选 allow（显示）、spoiler（遮挡）、blur（模糊）、hold（待审）或 drop（丢弃）。
settings-bad-pictures-adult = 不知道“{ $asked }”是要怎么处理图片。请选 allow（显示）、spoiler（遮挡）、blur（模糊）、hold（待审）或 drop（丢弃）。
settings-bad-value = 看不懂“{ $asked }”。请写成 { $example } 这样。
settings-too-long = 一共 { $length } 个字符，最多 { $most } 个。
settings-style-empty = 风格里要有自己的词语，例如：{"{"}prompt{"}"}，油画，柔光

# 菜单
about-settings-language = 我用哪种语言回复：en、zh 或 auto
about-settings-model = 没指定模型时用哪个
about-settings-size = 图片尺寸，例如 768x512 或 3:2
about-settings-steps = 画多少步
about-settings-negative = 请求里没写时，不想出现的内容；“无”表示不设
about-settings-style = 加到每条提示词上；{"{"}prompt{"}"} 处放成员写的内容；--raw 可以跳过
about-settings-buttons = 谁可以点图下面的按钮：everyone（所有人，各用各的额度）或 requester（仅本人和管理员）
about-settings-pictures = 看起来不宜公开的图片怎么处理：allow、spoiler、blur、hold 或 drop
about-settings-pictures-from = 概率达到多少算不宜公开，例如 0.6
about-settings-pictures-adult = 在 Discord 的年龄限制频道里怎么处理

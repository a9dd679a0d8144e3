# Discord：命令与选项的名称、菜单，以及 Discord 特有的话。
discord-name-draw = 画
discord-name-cancel = 取消
discord-name-queue = 队列
discord-name-quota = 额度
discord-name-models = 模型
discord-name-help = 帮助
discord-name-privacy = 隐私
discord-name-forget = 忘记我
discord-name-claim = 认领
discord-name-admin = 管理
discord-about-claim = 用启动时显示的代码成为运营者
discord-about-text-cancel = 请求的编号；不填则取消最新的一个
discord-about-text-claim = 代码
discord-about-text-forget = 看过会删除什么之后，填“是”
discord-option-text = 内容
discord-option-prompt = 提示词
discord-option-image = 图片
discord-option-negative = 负面提示词
discord-option-seed = 种子
discord-option-steps = 步数
discord-option-cfg = cfg
discord-option-sampler = 采样器
discord-option-size = 尺寸
discord-option-count = 张数
discord-option-strength = 重绘幅度
discord-option-hires = 高清
discord-option-model = 模型
discord-option-preset = 预设
discord-option-spoiler = 剧透
discord-option-file = 原文件
discord-about-prompt = 想画什么；图片自带参数时可以不填
discord-about-image = 以哪张图为底图
discord-about-negative = 不想出现什么
discord-about-seed = 种子相同，图就相同；-1 表示随机
discord-about-steps = 画多少步
discord-about-cfg = 与提示词的贴合程度
discord-about-sampler = 采样方法
discord-about-size = 例如 768x512、3:2 或 竖
discord-about-count = 画几张
discord-about-strength = 底图可以改动多少，0 到 1
discord-about-hires = 高清修复：放大几倍，再画一遍
discord-about-model = 用哪个模型
discord-about-preset = 用 /preset 保存的提示词和参数
discord-about-spoiler = 遮住图片，点击才显示
discord-about-file = 发送未压缩的原图
discord-menu-vary = 改画这张图
discord-vary-title = 改画这张图
discord-vary-label = 想改成什么样？
discord-vary-hint = 写法与 /draw 相同，也可以带参数，例如 --strength 0.5。
discord-no-picture = 那条消息里没有图片。
discord-menu-forgotten = 隔得太久，那张图已经不在手边了，请重新点一次菜单。
discord-picture-hidden = Discord 不让我看到那条消息。请改用它的菜单：应用 ▸ 改画这张图。
discord-picture-failed = 没能从 Discord 取到那张图，请重新上传。
discord-origin = ↩ 来自这张图
discord-recompressed = （原图超出 Discord 的大小限制，已压缩。）
discord-sent-aside = （在你提出请求的地方，Discord 只给我十五分钟作答，现在不能再发，所以私信给你。）
discord-help-away = 我是跟着你来的，并不是这里的成员。请用 /draw、按钮或“应用”菜单；这里的 @ 和回复我看不到。超过十五分钟才画好的图会私信给你。
discord-outdated = 这个命令刚刚更新过，请刷新 Discord 后重新选择。
discord-draw-empty = 想画什么呢？请填“提示词”，或者给一张自带参数的图片，或者选一个预设。
discord-report-foreign = 那张图不是我画的。在这里只能向管理员举报我画的图。
help-discord =
    告诉我你想看什么，我来画：
    /draw 提示词：雪地里的红狐狸
    也可以 @我 加文字。私聊里直接发文字就行。

    想改一张图：把它作为“图片”交给 /draw，或者在它的菜单里选 应用 ▸ 改画这张图。
    用文字回复我画的图（保持提及开启），我就改着再画：+ 雪，- 人，换别的提示词，--steps 30，再来一张，同种子。
    自带参数的图片文件不用写文字：/draw 图片 按参数来画，应用 ▸ 查看参数 可以查看。从 A1111 网页版复制的参数也可以直接粘贴。

    图片下面的按钮：U 放大，V 画张相近的，🎲 换个种子再画，✏️ 改文字再画，📄 原文件，ℹ️ 参数，🗑 删除。

    /draw 没有的选项可以写在提示词里：
    --no 模糊，文字    不想出现的内容
    --ar 3:2    画面比例
    --price    只问要多少额度，不画
    --seed 42 --vary 0.1    和那个种子的图相近
    <lora:名字:0.8>    使用 LoRA
    {"{"}红|蓝{"}"}色的狐狸    每张图各取其中一个词

    /preset 把常用的文字和参数存成预设。
    /queue 看队列，/quota 看额度，/models 看模型，/cancel 取消最近的请求。
    /settings 看默认设置，/privacy 看我保留了你的哪些数据，/forget 删除它们。

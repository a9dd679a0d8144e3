# 命令、初次使用，以及与语法无关的拒绝。
command-draw = 用文字画一张图
command-cancel = 取消你最近的请求
command-queue = 查看队列和你的位置
command-quota = 查看剩余额度
command-models = 查看可用的模型
command-help = 怎样让我画图

help =
    告诉我你想看什么，我来画。例如：
    /draw 雪地里的红狐狸
    用 /draw 加文字回复任意图片，我就在那张图上改。

    下面这些可以写在任何位置：
    --no 模糊，文字    不想出现的内容
    --ar 3:2    画面比例，或者 --size 768x512
    --seed 42    相同的种子画出相同的图
    --steps 30   --cfg 7   --sampler Euler a
    -n 4    一次画几张
    --strength 0.5    底图改动多少
    --price    只问要多少额度，不画
    --hires    高清修复：放大一倍，再画一遍
    --seed 42 --vary 0.1    和那个种子的图相近
    {"{"}红|蓝{"}"}色的狐狸    每张图各取其中一个词

    直接用文字回复我画的图，我就改着再画：+ 雪，- 人，换别的提示词，--steps 30，再来一张，同种子。
    图片下面的按钮：U 放大，V 画张相近的，🎲 换个种子再画，✏️ 改文字再画，📄 原文件，ℹ️ 参数，🗑 删除。
    用 /again、/vary、/upscale 回复图片：再来一张、画张相近的、放大；用 /info 查看参数。
    从 A1111 网页版复制的参数可以直接粘贴，发来自带参数的图片文件也行。
    /preset 把常用的文字和参数存成预设。

    /queue 看队列，/quota 看额度，/models 看模型，/cancel 取消最近的请求。
    /settings 看默认设置，/privacy 看我保留了你的哪些数据，/forget 删除它们。

unknown-command = 我不认识 /{ $command }。发送 /help 看看我会什么。
presence = { $model } · { $count ->
    [0] 没有人在排队
   *[other] { $count } 个请求
}
presence-no-model = 还没有可以用来画的模型
queue-summary = { $waiting ->
    [0] 没有人在排队
   *[other] { $waiting } 个请求在排队
}，{ $drawing ->
    [0] 目前没有在画。
   *[other] 正在画 { $drawing } 个。
}
queue-own = “{ $prompt }”：{ $exact ->
    [no] 大约第
   *[yes] 第
} { $place } 位，大约 { DURATION($wait) }。（/cancel { $job }）
queue-own-drawing = “{ $prompt }”：正在绘制。（/cancel { $job }）
queue-other = { $name }：第 { $place } 位，大约 { DURATION($wait) }
queue-other-drawing = { $name }：正在绘制
queue-more = ……本群另外还有 { $count } 个请求。
somebody = 某位成员
quota-left = { $scope ->
    [person] { $window ->
        [hour] 这个小时你还剩
       *[day] 今天你还剩
    }
    [member] { $window ->
        [hour] 这个小时你在本群还剩
       *[day] 今天你在本群还剩
    }
    [chat] { $window ->
        [hour] 这个小时本群还剩
       *[day] 今天本群还剩
    }
   *[all] { $window ->
        [hour] 这个小时所有人合计还剩
       *[day] 今天所有人合计还剩
    }
} { $left } / { $limit } 点额度，{ DURATION($wait) }后（{ $at }）全部恢复。
quota-no-limit = 你在这里没有限制。今天已用 { $used } 点。
quota-grant = 赠送额度：{ $left } 点{ $where ->
    [here] （仅限本群）
   *[everywhere] {""}
}，{ $until }。
quota-grant-stays = 长期有效
quota-grant-until = { $at } 到期（还有 { DURATION($wait) }）
quota-tier = 你的等级：{ $tier }
quota-unit = 一张 512×512、20 步的图是 1 点。
quota-unlimited = 你是运营者，没有限制。今天已用 { $used } 点。
queue-full-user = 你已经有 { $most } 个请求在排队。等画完一个再来，或者用 /cancel 取消一个。
queue-full-chat = 这个聊天已经有 { $most } 个请求在排队，请稍后再试。
models-title = 共 { $count } 个模型：
models-line = • { $name }（{ $family }，{ $hash }，{ $size } px）{ $default ->
    [yes] {" "}← 默认
   *[no] {""}
}
models-loras = LoRA：{ $names }
models-demo = 这是自带的小演示模型，只认识几十种简单的东西。把 .safetensors 模型放进 models/checkpoints，我会自己发现它，就能画别的了。
models-unusable = ✗ { $name }：{ $reason }
model-is-pickle = 这是 pickle 文件，打开时可能运行程序。用 `chatelier models convert` 可以把它转成 .safetensors。
model-header-broken = 文件头损坏，请重新下载。
model-truncated = 文件不完整，请重新下载。
model-unknown-family = 这不是我认识的 Stable Diffusion 1.x、2.x 或 SDXL 模型。
model-inpainting = 这是局部重绘模型，暂时还不支持。
model-not-yet = 暂时还不支持这种模型。
model-is-folder = 这是一个文件夹，名字却像文件；请把文件本身放在这里。
model-lora-unknown = 这个 LoRA 不适合我认识的任何一类模型。
model-unreadable = 文件读不出来，请检查权限，或者链接指向的位置。

cancelled = 已取消。
nothing-to-cancel = 你没有正在排队或绘制的请求。
already-over = 它已经结束了。
cancel-not-found = 你没有编号为“{ $job }”的请求。用 /queue 查看，或者直接发送 /cancel 取消最近的一个。
not-your-job = 这是别人的请求。
button-unknown = 这个按钮已经失效了。
operators-only = 只有这个机器人的运营者可以这样做。
store-unavailable = 我现在没法写入任何记录，所以不能接受请求。请过几分钟再试。
unexpected = 我这边出了点问题，已经记下来了。请稍后再试。
renderer-absent = 我现在完全没法画图：渲染程序启动不了。原因请运营者查看日志，或运行 chatelier check。
store-failed = 图片无法保存。
job-unreadable = 我对它的记录损坏了。

chat-not-approved = 大家好！在这里画图之前，需要机器人的运营者批准这个聊天（{ $chat }）：点我发给运营者的按钮，或者在这里发送 /admin chat allow。
chat-unclaimed = 大家好！在这里画图之前，我得先有一位运营者。是谁启动了我，请私聊我，发送 /claim 加上启动时显示的代码。
chat-closed = 运营者批准这个聊天之前，我不能在这里画图。
private-closed = 私聊时我只为已批准聊天的成员画图。请先在那样的聊天里找我。
private-operators = 私聊时我只为运营者画图。
private-unclaimed = 我还没有运营者。如果是你启动了我，请发送 /claim 加上启动时显示的代码。
claim-local = 在这个页面上你已经是运营者了。要在聊天平台上成为运营者，请在那里私聊我，发送 /claim。
claim-in-private = 请在私聊里给我发送 /claim，不要在这里。
claimed = 现在你是我的运营者了。把我加进群，在群里发送 /admin chat allow 批准它。
claim-refused = 这个代码无效。
chat-named = “{ $title }”（{ $chat }）
operator-asked = 有人让我在“{ $title }”（{ $chat }）画图。要批准吗？
chat-left = 我正在退出那个聊天。

picture-too-large = 图片超过 { $most } MB，请发小一点的。
picture-not-a-picture = 这个文件不是我能打开的图片。支持 PNG、JPEG、WebP、GIF 和 BMP。
picture-damaged = 图片已损坏，打不开，请重新发送。
picture-too-many-pixels = 图片有 { $width }×{ $height } 像素，我最多能打开 { $most }00 万像素的。
picture-too-thin = 图片太细长了，没法用来画。
picture-first-frame = 只用了动画的第一帧。

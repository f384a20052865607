/** Simplified Chinese of the details page: the doctor, the diagram, and the settings. */
export const chineseDetails: Readonly<Record<string, string>> = {
  'An encoder at {peer} is calling from an address that is not in the allowlist; last try {age} ago. If it is yours, allow its address.':
    '位于 {peer} 的编码器正在呼叫，但其地址不在允许列表中；最近一次尝试在 {age}前。若是您的编码器，请允许其地址。',
  'An encoder at {peer} is calling without a passphrase; last try {age} ago. Set the key and key length of this input on the encoder.':
    '位于 {peer} 的编码器正在呼叫，但没有密码；最近一次尝试在 {age}前。请在编码器上设置此输入的密钥和密钥长度。',
  'An encoder at {peer} is calling with a wrong passphrase; last try {age} ago. Compare the key on the encoder with the one set here.':
    '位于 {peer} 的编码器正在用错误的密码呼叫；最近一次尝试在 {age}前。请核对编码器上的密钥与此处设置的密钥。',
  'An encoder at {peer} is calling with a passphrase, and this input has none; last try {age} ago. Turn encryption off on the encoder, or decryption on here.':
    '位于 {peer} 的编码器带密码呼叫，而此输入没有密码；最近一次尝试在 {age}前。请在编码器上关闭加密，或在此处开启解密。',
  'An encoder at {peer} is calling with another key length; last try {age} ago. Set on the encoder the key length that is set here.':
    '位于 {peer} 的编码器使用了不同的密钥长度；最近一次尝试在 {age}前。请在编码器上设置与此处相同的密钥长度。',
  'An encoder at {peer} is publishing with a wrong stream key; last try {age} ago. Copy server URL and stream key of this input to the encoder once more.':
    '位于 {peer} 的编码器正在用错误的串流密钥推流；最近一次尝试在 {age}前。请把此输入的服务器地址和串流密钥重新复制到编码器。',
  'A second encoder at {peer} is calling, and one is connected already; last try {age} ago. Stop one of the two, or push to the other input.':
    '位于 {peer} 的第二台编码器正在呼叫，而已有一台连接；最近一次尝试在 {age}前。请停止其中一台，或推流到另一输入。',
  'There are too many connections from {peer}; last try {age} ago. Look for an encoder that reconnects without end.':
    '来自 {peer} 的连接过多；最近一次尝试在 {age}前。请查找不断重连的编码器。',
  'An encoder at {peer} is calling with a version of SRT that is too old; last try {age} ago. Update it to SRT 1.3 or newer.':
    '位于 {peer} 的编码器使用的 SRT 版本过旧；最近一次尝试在 {age}前。请升级到 SRT 1.3 或更新版本。',
  'An encoder at {peer} is publishing to this flow, which is stopped; last try {age} ago. Start the flow, or stop the encoder.':
    '位于 {peer} 的编码器正在向此流推流，而此流已停止；最近一次尝试在 {age}前。请启动流，或停止编码器。',
  'Datagrams come from {peer}, which is not in the allowlist; the last {age} ago. If it is your encoder, allow its address.':
    '收到来自 {peer} 的数据报，该地址不在允许列表中；最近一个在 {age}前。若是您的编码器，请允许其地址。',
  'Datagrams come from a second sender at {peer} and are ignored; the last {age} ago. Stop one of the two, or send to the other input.':
    '收到来自第二个发送方 {peer} 的数据报，已忽略；最近一个在 {age}前。请停止其中一个，或发送到另一输入。',
  'An encoder at {peer} was refused: {cause}; last try {age} ago. {next}':
    '位于 {peer} 的编码器被拒绝：{cause}；最近一次尝试在 {age}前。{next}',
  'The encoder at {peer} has been gone for {age}: {cause}. {next}': '位于 {peer} 的编码器已离开 {age}：{cause}。{next}',
  'No encoder has called for {time}. Check that it calls {address}, and that UDP may pass the firewalls; a caller that is refused would be named here.':
    '已有 {time}没有编码器呼叫。请检查编码器是否呼叫 {address}，以及防火墙是否放行 UDP；被拒绝的呼叫方会显示在此处。',
  'No encoder has called for {time}. Check that it publishes to {address}, and that TCP may pass the firewalls; a caller that is refused would be named here.':
    '已有 {time}没有编码器呼叫。请检查编码器是否推流到 {address}，以及防火墙是否放行 TCP；被拒绝的呼叫方会显示在此处。',
  'No datagram has come for {time}. Check that the encoder sends to {address}, and that UDP may pass the firewalls; a sender that is refused would be named here.':
    '已有 {time}没有收到数据报。请检查编码器是否发送到 {address}，以及防火墙是否放行 UDP；被拒绝的发送方会显示在此处。',
  'The port of {address} is taken by another program on the host of the relay. Free it; it is tried again by itself.':
    '{address} 的端口已被中继主机上的其他程序占用。请释放该端口；系统会自动重试。',
  'This input cannot be opened: {cause}. {next}': '此输入无法打开：{cause}。{next}',
  'The sender at {peer} has sent nothing for {time}. Check that it is on the air, and the network between.':
    '位于 {peer} 的发送方已有 {time}没有发送任何数据。请检查它是否在发送，以及之间的网络。',
  'The encoder at {peer} is connected, but has sent no media for {time}. Check that it is sending, and that its source is not paused.':
    '位于 {peer} 的编码器已连接，但已有 {time}没有发送媒体。请检查它是否在发送，以及其信号源是否已暂停。',
  'over {limit}': '超过 {limit}',
  'The stream is above the maximum bandwidth of the flow ({share}), and what is above is dropped. Lower the bit rate of the encoder.':
    '码流超过此流的最大带宽（{share}），超出部分被丢弃。请降低编码器的码率。',
  'Data arrives, but neither sound nor pictures are found in it. Check that the encoder sends MPEG-TS with a video or an audio track.':
    '有数据到达，但其中既没有声音也没有画面。请检查编码器是否发送带有视频或音频轨的 MPEG-TS。',
  'Sound arrives, and the video track is gone. Check the video source of the encoder.':
    '有声音到达，但视频轨已消失。请检查编码器的视频源。',
  'Video is announced but brings no key frame, so that receivers see nothing. Set the key frame interval of the encoder to 2 s.':
    '已声明视频，但没有关键帧，接收端看不到画面。请把编码器的关键帧间隔设为 2 秒。',
  'Video is announced but brings no frames. Check the video source of the encoder.':
    '已声明视频，但没有视频帧。请检查编码器的视频源。',
  'The link lost {packets} in the last minute, and RTP cannot repair that. Mend the network, or push by SRT.':
    '链路在最近一分钟内丢失了 {packets}，RTP 无法修复。请修复网络，或改用 SRT 推流。',
  'The encoder at {peer} has come and gone {times} times in the last 5 min, the last time because: {cause}. {next}':
    '位于 {peer} 的编码器在最近 5 分钟内断开了 {times} 次，最近一次的原因：{cause}。{next}',
  'The connection to {peer} has broken {times} times in the last 5 min, the last time because: {cause}. {next}':
    '到 {peer} 的连接在最近 5 分钟内断开了 {times} 次，最近一次的原因：{cause}。{next}',
  'In the last {time} the link lost {packets} for good: the latency of {now} is too short to repair it. Set {wanted} on the encoder, or here while the flow is stopped.':
    '链路在最近 {time}内彻底丢失了 {packets}：{now} 的延迟太短，来不及修复。请在编码器上设置为 {wanted}，或在流停止时在此处设置。',
  'In the last {time} {packets} came too late at the receiver: the latency of {now} is too short to repair the link. Set {wanted} on the receiver, or here while the flow is stopped.':
    '在最近 {time}内有 {packets}到达接收端过晚：{now} 的延迟太短，来不及修复。请在接收端设置为 {wanted}，或在流停止时在此处设置。',
  'In the last {time} the link lost {packets} for good though the latency of {now} is enough: it was cut for longer than that. Check the network between.':
    '链路在最近 {time}内彻底丢失了 {packets}，尽管 {now} 的延迟足够：链路中断的时间更长。请检查之间的网络。',
  'No connection to {peer} for {time}: {cause}. {next}': '已有 {time}无法连接 {peer}：{cause}。{next}',
  '{peer} is connected, but has taken no media for {time}. Check that the receiver is running, and the network to it.':
    '{peer} 已连接，但已有 {time}没有接收媒体。请检查接收端是否在运行，以及到它的网络。',
  'Nothing could be sent to {peer} for {time}. Check the address, and that the host of the relay has a route to it.':
    '已有 {time}无法向 {peer} 发送任何数据。请检查地址，以及中继主机是否有到它的路由。',
  'Media arrives in {from} but does not reach the relay in {to}: the link between the two is broken. It is made again by itself; if it stays broken, check the log of the host.':
    '媒体到达 {from}，但没有到达 {to} 的中继：两者之间的链路已断。它会自动重建；若一直不通，请查看主机的日志。',
  '{peer} is too slow for the stream: {packets} dropped in the last minute. Check the bandwidth to it, or lower the bit rate of the encoder.':
    '{peer} 对此码流来说太慢：最近一分钟内丢弃了 {packets}。请检查到它的带宽，或降低编码器的码率。',
  'Relay {relay} ended {age} ago and is being started anew. If it does not come back, its log in the data folder says why.':
    '中继 {relay} 在 {age}前结束，正在重新启动。若没有恢复，请查看数据目录中它的日志。',
  'Relay {relay} hung, was ended {age} ago and is being started anew. If that happens again, check the load of its host.':
    '中继 {relay} 失去响应，在 {age}前被结束，正在重新启动。若再次发生，请检查其主机的负载。',
  'Relay {relay} has not answered for {age}: media may still flow, but nobody can tell. It is started anew if it stays silent.':
    '中继 {relay} 已有 {age}没有应答：媒体可能仍在传输，但无法得知。若一直没有应答，它会被重新启动。',
  'Its relay has not reported for some seconds: media may still flow, but nobody can tell.':
    '其中继已有数秒没有报告：媒体可能仍在传输，但无法得知。',
  'The reason is not known': '原因未知',
  'the reason is not known': '原因未知',
  'The Log tab has the details.': '详情见“日志”标签页。',
  'an unknown address': '未知地址',
  'Allow {range}': '允许 {range}',
  '{range} was added to the allowlist below. Save to let it in.': '{range} 已加入下面的允许列表。保存后即可放行。',
  'One more end needs a look.': '还有 1 个端点需要查看。',
  '{count} more ends need a look.': '还有 {count} 个端点需要查看。',
  '1 packet': '1 个数据包',
  '{count} packets': '{count} 个数据包',
  '{pipeline} · {name}': '{pipeline} · {name}',
  'Primary pipeline': '主管道',
  'Backup pipeline': '备管道',
  Region: '区域',
  'No output on this pipeline.': '此管道没有输出。',
  '{protocol} input': '{protocol} 输入',
  '{protocol} output': '{protocol} 输出',
  'Primary input on air': '正在播出主输入',
  'Backup input on air': '正在播出备输入',
  'No media moves.': '没有媒体传输。',
  'No media moves yet.': '尚无媒体传输。',
  'No media moves: broken.': '没有媒体传输：链路已断。',
  'Not running.': '未运行。',
  'Not known.': '未知。',
  Failover: '故障切换',
  'Failover: primary to backup': '故障切换：主到备',
  'Failover: backup to primary': '故障切换：备到主',
  Idle: '空闲',
  Waiting: '等待中',
  Connected: '已连接',
  Unknown: '未知',
  'Not set': '未设置',
  input: '输入',
  Primary: '主',
  Backup: '备',
};

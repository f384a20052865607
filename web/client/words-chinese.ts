/** Simplified Chinese of what scripts say, by the English text that stands in the code. */
export const chinese: Readonly<Record<string, string>> = {
  Copied: '已复制',
  'Press Ctrl+C': '请按 Ctrl+C',
  Copy: '复制',
  'The server failed. Its log says why. Reload to see what is true.':
    '服务器出错，原因见其日志。请重新加载页面查看实际状态。',
  'The server cannot be reached. Nothing was changed.': '无法连接服务器，未作任何更改。',
  'Not measured here in this range.': '此时间范围内没有测量数据。',
  '{title}. {none}': '{title}：{none}',
  Time: '时间',
  'Your session has ended. Reload the page.': '会话已结束，请重新加载页面。',
  'Live: newest points at {time}': '实时：最新数据点 {time}',
  'Your session has ended.': '会话已结束。',
  'Live updates are interrupted.': '实时更新已中断。',
  'What is shown was true at {time} and may no longer be.': '所示内容为 {time} 时的状态，现在可能已变化。',
  'Interrupted: what is missed comes when the line is back': '已中断：恢复连接后补上遗漏的内容',
  'Times are in {zone} ({offset}).': '时间按 {zone}（{offset}）显示。',
  'The player could not be loaded. Check your connection and press Preview again.':
    '无法加载播放器。请检查网络连接，然后再次点击“预览”。',
  video: '视频',
  'no video': '无视频',
  'no sound': '无声音',
  sound: '音频',
  'Live: {parts}': '实时：{parts}',
  'This browser cannot play the codec of this feed. The feed itself is not affected.':
    '此浏览器无法播放该信号的编码格式，信号本身不受影响。',
  'This browser could not go on playing. The feed itself is not affected; press Preview to try again.':
    '此浏览器无法继续播放，信号本身不受影响。请点击“预览”重试。',
  'The preview was interrupted. Press Preview to try again.': '预览已中断。请点击“预览”重试。',
  'The preview cannot go on ({detail}). The feed itself is not affected.':
    '预览无法继续（{detail}），信号本身不受影响。',
  'Stopped, because nobody looked for a minute.': '一分钟无人观看，已停止。',
  'Asking the relay for pictures…': '正在向中继请求画面…',
  'This browser cannot play live media. Chrome, Edge and Firefox can.':
    '此浏览器无法播放实时媒体，请使用 Chrome、Edge 或 Firefox。',
  'The server gave no preview.': '服务器未提供预览。',
  'The server does not answer. Press Preview to try again.': '服务器无响应。请点击“预览”重试。',
  'The preview has ended. Press Preview to look again.': '预览已结束。请点击“预览”再次查看。',
  'Press the picture to begin.': '请点击画面开始播放。',
  'No picture yet. The player waits for a key frame.': '尚无画面，播放器正在等待关键帧。',
};

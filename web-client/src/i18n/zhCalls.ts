import type { enCalls } from "./enCalls";

/** Calls out of the console, in Chinese. */
export const zhCalls: Record<keyof typeof enCalls, string> = {
  "dial.title": "拨打号码",
  "dial.number": "号码",
  "dial.channel": "接入频道",
  "dial.call": "拨打",
  "dial.hangUp": "挂断",
  "dial.calling": "正在呼叫",
  "dial.ringing": "振铃中",
  "dial.up": "已接入频道",
  "dial.ended": "已结束",
  "dial.refused": "被拒绝（{status}）",
  "dial.noNumber": "没有这个号码。",
  "dial.notReachable": "没有已注册的设备，或中继不可达。",
  "dial.failed": "无法拨出。",
};

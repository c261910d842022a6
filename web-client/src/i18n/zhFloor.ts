import type { enFloor } from "./enFloor";

/** Queues, emergencies and orders about a floor, in Chinese. */
export const zhFloor: Record<keyof typeof enFloor, string> = {
  "queue.title": "排队等待讲话",
  "queue.count": "{count} 人排队",
  "queue.next": "下一个是您",
  "queue.beforeOne": "前面还有 1 人",
  "queue.before": "前面还有 {count} 人",
  "queue.priority": "优先级 {priority}",
  "queue.goAhead": "提到最前：下一个讲话",
  "queue.goAheadOf": "让 {name} 下一个讲话",
  "queue.preempt": "立即讲话：打断当前讲话人",
  "queue.preemptFor": "为 {name} 打断当前讲话人",
  "queue.remove": "移出排队",
  "queue.removeOf": "将 {name} 移出排队",
  "queue.cut": "强拆",
  "queue.cutTitle": "收回讲话人的话权",

  "emergency.alert": "紧急",
  "emergency.raise": "紧急告警",
  "emergency.cancel": "取消紧急告警",
  "emergency.cancelShort": "取消",
  "emergency.hold": "长按",
  "emergency.list": "紧急告警",

  "order.forbidden": "您无权在此频道执行该操作。",
  "order.notFound": "情况已变化。",
  "order.conflict": "该频道现在无法执行该操作。",
  "order.internalError": "无法请求服务器。",
};

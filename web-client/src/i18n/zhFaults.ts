import type { enFaults } from "./enFaults";

/** What may be wrong with a cell of an import, in Chinese. */
export const zhFaults: Record<keyof typeof enFaults, string> = {
  "fault.the file is empty": "文件为空",
  "fault.no such column": "没有这一列",
  "fault.the column is there twice": "列重复",
  "fault.the column is missing": "缺少此列",
  "fault.has more cells than the header": "单元格多于表头",
  "fault.is in the file twice": "在文件中重复",
  "fault.there is no such town": "没有这个镇街",
  "fault.is outside your subtree": "不在您的辖区内",
  "fault.belongs to another camera": "属于另一台摄像机",
  "fault.a new camera needs its source": "新摄像机必须有 URL",
  "fault.must be a number": "必须是数字",
  "fault.must be onDemand, keptWarm or alwaysOn": "必须是 onDemand、keptWarm 或 alwaysOn",
  "fault.must have 1 to 64 characters": "须为 1 至 64 个字符",
  "fault.must have 0 to 64 characters": "最多 64 个字符",
  "fault.must have 0 to 128 characters": "最多 128 个字符",
  "fault.must have 1 to 1024 characters": "须为 1 至 1024 个字符",
  "fault.must not contain control characters": "不得含控制字符",
  "fault.must be 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit":
    "须为 1 至 64 个 a-z、0-9、'.'、'_'、'-'，以字母或数字开头",
  "fault.must be 20 to 20 digits": "须为 20 位数字",
  "fault.must be from -90 to 90": "须在 -90 至 90 之间",
  "fault.must be from -180 to 180": "须在 -180 至 180 之间",
  "fault.must be from 0 to 360": "须在 0 至 360 之间",
  "fault.must be publish:, or an absolute URL of rtsp, rtsps, http, https, rtmp, rtmps, srt": "须为 publish: 或 rtsp、rtsps、http、https、rtmp、rtmps、srt 的 URL",
  "fault.must not contain credentials: userName and password take them": "URL 中不得含密码，密码有专门的列",
  "fault.the store did not take it": "存储未接受，请重新导入",
};

import { CLOCKS_DIFFER_US } from '../../core/limits/cell-rate.ts';

/**
 * `takeUpTo` inside of Redis, which runs one script at a time. KEYS[1] is the counter; ARGV are now, the spacing and the
 * burst in microseconds, and how many calls are wanted. Answers how many were taken, and the theoretical arrival time as
 * text: a number of a script loses what a Redis integer cannot hold. A counter goes
 * when it is over, by the slowest clock too.
 */
export const TAKE_SCRIPT = `
local now, spacing, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local from = tonumber(redis.call('GET', KEYS[1]) or now)
if from < now or from > now + burst + ${String(CLOCKS_DIFFER_US)} then from = now end
local taken = math.max(0, math.min(most, math.floor((now + burst - from) / spacing)))
local arrival = string.format('%.0f', from + taken * spacing)
if taken > 0 then
  redis.call('SET', KEYS[1], arrival, 'PX', string.format('%.0f', math.ceil((from + taken * spacing - now + ${String(CLOCKS_DIFFER_US)}) / 1000)))
end
return { taken, arrival }
`;

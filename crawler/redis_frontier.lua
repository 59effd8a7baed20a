-- The leased queue of crawler/redis_frontier.py: one operation a call, so that each is atomic. KEYS[1] is the prefix of all keys, ARGV[1]
-- the operation, ARGV[2..] its arguments. All keys lie on one server: this is not for Redis Cluster.
--
--   page:<id>            hash: run, source, fp, url, host, request, priority, state, worker, until, attempts, nights; `was` while an
--                        outcome waits for its commit
--   <run>:dupefilter     set of fingerprints, as scrapy-redis' duplicate filter keeps them
--   <run>:wait:<host>    sorted set of pending pages, by priority, then age
--   <run>:of:<source>    set of pending pages
--   <run>:open           sorted set of leased pages and of outcomes without commit, by when the lease runs out
--   <run>:hosts          set of the hosts met; <run>:host:<host> hash: worker, until, ready, stopped
--   <run>:spent          hash: "pages <source>" and "bytes <source>", over all workers
--   <run>:count          hash: "<state> <source>" -> pages
--   kept:<source>        set of pages kept for a later run
local P = KEYS[1]
local op = {}

local function member(id) return string.format('%015d', id) end
local function page(id) return P .. 'page:' .. id end
local function of(run, what) return P .. run .. ':' .. what end

local function all(id)
  local flat, found = redis.call('HGETALL', page(id)), nil
  for i = 1, #flat, 2 do found = found or {}; found[flat[i]] = flat[i + 1] end
  return found
end

local function count(run, state, source, by)
  if redis.call('HINCRBY', of(run, 'count'), state .. ' ' .. source, by) == 0 then
    redis.call('HDEL', of(run, 'count'), state .. ' ' .. source)
  end
end

-- A page goes from the state that `p` tells into another; `open` outcomes stay in the set of leases until their commit.
local function move(id, p, state)
  local run, name = p.run, member(id)
  if p.state == 'pending' then
    redis.call('ZREM', of(run, 'wait:' .. p.host), name)
    redis.call('SREM', of(run, 'of:' .. p.source), id)
  elseif p.state == 'kept' then
    redis.call('SREM', P .. 'kept:' .. p.source, id)
  end
  if state == 'pending' then
    redis.call('ZADD', of(run, 'wait:' .. p.host), -tonumber(p.priority), name)
    redis.call('SADD', of(run, 'of:' .. p.source), id)
    redis.call('SADD', of(run, 'hosts'), p.host)
  elseif state == 'kept' then
    redis.call('SADD', P .. 'kept:' .. p.source, id)
  end
  if state == 'pending' then redis.call('ZREM', of(run, 'open'), name) end
  if p.state then count(run, p.state, p.source, -1) end
  count(run, state, p.source, 1)
  redis.call('HSET', page(id), 'state', state)
  p.state = state
end

local function host_of(run, host)
  local f = redis.call('HMGET', of(run, 'host:' .. host), 'worker', 'until', 'ready', 'stopped')
  return f[1] or '', tonumber(f[2] or 0), tonumber(f[3] or 0), f[4] or ''
end

function op.push(run, source, fp, url, host, request, priority, kept)
  if redis.call('SADD', of(run, 'dupefilter'), fp) == 0 then return 0 end
  local id = redis.call('INCR', P .. 'next')
  redis.call('HSET', page(id), 'run', run, 'source', source, 'fp', fp, 'url', url, 'host', host, 'request', request,
    'priority', priority, 'worker', '', 'until', 0, 'attempts', 0, 'nights', 0)
  move(id, {run = run, source = source, host = host, priority = priority}, kept == '1' and 'kept' or 'pending')
  return 1
end

function op.queued(run, fp) return redis.call('SISMEMBER', of(run, 'dupefilter'), fp) end

function op.lease(run, host, worker, now, seconds)
  local owner, till, ready = host_of(run, host)
  if owner ~= '' and owner ~= worker and till > tonumber(now) then return {} end
  local first = redis.call('ZRANGE', of(run, 'wait:' .. host), 0, 0)[1]
  local ends = tonumber(now) + tonumber(seconds)
  if owner ~= worker or till <= tonumber(now) + tonumber(seconds) / 2 then
    redis.call('HSET', of(run, 'host:' .. host), 'worker', worker, 'until', string.format('%.6f', ends))
  end
  if not first or ready > tonumber(now) then return {} end
  local id = tonumber(first)
  local p = all(id)
  move(id, p, 'leased')
  local attempts = redis.call('HINCRBY', page(id), 'attempts', 1)
  redis.call('HSET', page(id), 'worker', worker, 'until', string.format('%.6f', ends))
  redis.call('HDEL', page(id), 'was')
  redis.call('ZADD', of(run, 'open'), ends, member(id))
  return {id, p.url, p.host, p.source, p.request, attempts, tonumber(p.nights)}
end

function op.renew(till, ...)
  local given = {...}
  for i = 1, #given, 2 do
    local p = all(given[i])
    if p and p.attempts == given[i + 1] and p.state == 'leased' then
      redis.call('ZADD', of(p.run, 'open'), till, member(given[i]))
      local owner, ends = host_of(p.run, p.host)
      if owner == p.worker and ends < tonumber(till) then redis.call('HSET', of(p.run, 'host:' .. p.host), 'until', till) end
    end
  end
end

function op.expire(run, now)
  local names = redis.call('ZRANGEBYSCORE', of(run, 'open'), '-inf', now)
  for _, name in ipairs(names) do
    local id = tonumber(name)
    local p = all(id)
    if p then
      if p.was then -- an outcome whose worker died before the store held what the page gave
        redis.call('HSET', page(id), 'priority', p.was)
        redis.call('HDEL', page(id), 'was')
        p.priority = p.was
      end
      redis.call('HSET', page(id), 'worker', '')
      move(id, p, 'pending')
    end
    redis.call('ZREM', of(run, 'open'), name)
  end
  return #names
end

-- state: done, failed or kept until its commit; pending at once
function op.finish(id, attempts, state, by)
  local p = all(id)
  if not p or p.attempts ~= attempts or (p.state ~= 'leased' and p.state ~= 'pending') then return 0 end
  if state == 'pending' then
    redis.call('HINCRBY', page(id), 'attempts', by)
    redis.call('HSET', page(id), 'worker', '')
    move(id, p, 'pending')
    return 1
  end
  redis.call('HSET', page(id), 'was', p.priority)
  if state == 'kept' then redis.call('HINCRBY', page(id), 'priority', by) end
  if p.state == 'pending' then -- the lease ran out and nobody took the page: until its commit it is open again
    redis.call('ZADD', of(p.run, 'open'), p['until'], member(id))
  end
  move(id, p, state)
  return 1
end

function op.confirm(...)
  local given = {...}
  for i = 1, #given, 2 do
    local id = given[i]
    local p = all(id)
    if p and p.attempts == given[i + 1] and p.was then
      redis.call('ZREM', of(p.run, 'open'), member(id))
      redis.call('HDEL', page(id), 'was')
      if p.state ~= 'kept' then redis.call('DEL', page(id)) end
    end
  end
end

function op.undo(...)
  local given = {...}
  for i = 1, #given, 2 do
    local id = given[i]
    local p = all(id)
    if p and p.attempts == given[i + 1] and p.was then
      redis.call('HSET', page(id), 'priority', p.was)
      redis.call('HDEL', page(id), 'was')
      move(id, p, 'leased')
    end
  end
end

-- Outcomes that wait for their commit: id, attempts, url of each.
function op.ended(run)
  local found = {}
  for _, name in ipairs(redis.call('ZRANGE', of(run, 'open'), 0, -1)) do
    local f = redis.call('HMGET', page(tonumber(name)), 'was', 'attempts', 'url')
    if f[1] then
      found[#found + 1] = tonumber(name)
      found[#found + 1] = tonumber(f[2])
      found[#found + 1] = f[3]
    end
  end
  return found
end

local function keep(ids)
  local left = {}
  for _, name in ipairs(ids) do
    local id = tonumber(name)
    local p = all(id)
    left[#left + 1] = {p.source, p.url, tonumber(p.nights)}
    move(id, p, 'kept')
  end
  return left
end

function op.keep_host(run, host) return keep(redis.call('ZRANGE', of(run, 'wait:' .. host), 0, -1)) end

function op.keep_source(run, source) return keep(redis.call('SORT', of(run, 'of:' .. source))) end

function op.keep_strangers(run, ...)
  local known, left = {}, {}
  for _, source in ipairs({...}) do known[source] = true end
  for _, field in ipairs(redis.call('HKEYS', of(run, 'count'))) do
    local source = string.match(field, '^pending (.*)$')
    if source and not known[source] then
      for _, page_left in ipairs(op.keep_source(run, source)) do left[#left + 1] = page_left end
    end
  end
  return left
end

function op.carry(run, nights, ...)
  local left = {}
  for _, source in ipairs({...}) do
    for _, id in ipairs(redis.call('SORT', P .. 'kept:' .. source)) do
      local p = all(id)
      if p.run ~= run then
        if p.was then -- kept a moment ago, without a commit yet: carrying it on settles that
          redis.call('ZREM', of(p.run, 'open'), member(id))
          redis.call('HDEL', page(id), 'was')
        end
        local given_up = tonumber(p.nights) >= tonumber(nights)
        if not given_up then
          redis.call('SREM', P .. 'kept:' .. source, id)
          count(p.run, 'kept', source, -1)
        end
        if given_up then
          left[#left + 1] = {p.source, p.url, tonumber(p.nights), id} -- it stays until the store has written that down
        elseif redis.call('SADD', of(run, 'dupefilter'), p.fp) == 0 then
          redis.call('DEL', page(id)) -- found again by this run before
        else
          p.run, p.state, p.priority = run, nil, tonumber(p.priority) - 1
          redis.call('HSET', page(id), 'run', run, 'worker', '', 'until', 0, 'attempts', 0, 'nights', tonumber(p.nights) + 1,
            'priority', p.priority)
          move(id, p, 'pending')
        end
      end
    end
  end
  return left
end

function op.drop(...)
  for _, id in ipairs({...}) do
    local p = all(id)
    if p and p.state == 'kept' then
      redis.call('SREM', P .. 'kept:' .. p.source, id)
      count(p.run, 'kept', p.source, -1)
      redis.call('DEL', page(id))
    end
  end
end

function op.hosts(run)
  local found = {}
  for _, host in ipairs(redis.call('SMEMBERS', of(run, 'hosts'))) do
    local n = redis.call('ZCARD', of(run, 'wait:' .. host))
    if n > 0 then found[#found + 1] = host; found[#found + 1] = n end
  end
  return found
end

function op.host(run, host, field, value)
  redis.call('SADD', of(run, 'hosts'), host)
  redis.call('HSET', of(run, 'host:' .. host), field, value)
end

function op.told(run, field)
  local found = {}
  for _, host in ipairs(redis.call('SMEMBERS', of(run, 'hosts'))) do
    local value = redis.call('HGET', of(run, 'host:' .. host), field)
    if value then found[#found + 1] = host; found[#found + 1] = value end
  end
  return found
end

function op.spend(run, source, pages, size)
  return {redis.call('HINCRBY', of(run, 'spent'), 'pages ' .. source, pages), redis.call('HINCRBY', of(run, 'spent'), 'bytes ' .. source, size)}
end

-- Pages of a run in a state, over all sources.
local function pages_in(run, wanted)
  local flat, found = redis.call('HGETALL', of(run, 'count')), 0
  for i = 1, #flat, 2 do
    if string.match(flat[i], '^(%S+) ') == wanted then found = found + tonumber(flat[i + 1]) end
  end
  return found
end

function op.unsettled(run) return pages_in(run, 'pending') + redis.call('ZCARD', of(run, 'open')) end

-- Does nothing while pages wait or are leased: another worker may have brought some since this one looked.
function op.clear(run)
  if pages_in(run, 'pending') + pages_in(run, 'leased') > 0 then return 0 end
  for _, host in ipairs(redis.call('SMEMBERS', of(run, 'hosts'))) do
    for _, name in ipairs(redis.call('ZRANGE', of(run, 'wait:' .. host), 0, -1)) do redis.call('DEL', page(tonumber(name))) end
    redis.call('DEL', of(run, 'wait:' .. host), of(run, 'host:' .. host))
  end
  for _, name in ipairs(redis.call('ZRANGE', of(run, 'open'), 0, -1)) do
    local state = redis.call('HGET', page(tonumber(name)), 'state')
    if state ~= 'kept' then redis.call('DEL', page(tonumber(name))) end
  end
  for _, field in ipairs(redis.call('HKEYS', of(run, 'count'))) do
    local state, source = string.match(field, '^(%S+) (.*)$')
    redis.call('DEL', of(run, 'of:' .. source))
    if state ~= 'kept' then redis.call('HDEL', of(run, 'count'), field) end
  end
  redis.call('DEL', of(run, 'hosts'), of(run, 'open'), of(run, 'dupefilter'), of(run, 'spent'))
  if redis.call('HGET', P .. 'night', 'run') == run then redis.call('HSET', P .. 'night', 'ended', 1) end
end

-- The night that all workers share: begun by the first that comes, ended when its queue is empty.
function op.join(sources)
  local night = redis.call('HMGET', P .. 'night', 'run', 'sources', 'ended')
  if night[1] and night[3] == '0' then
    return {tonumber(night[1]), night[2]}
  end
  local run = redis.call('INCR', P .. 'runs')
  redis.call('HSET', P .. 'night', 'run', run, 'sources', sources, 'ended', 0)
  return {run, sources}
end

local arguments = {}
for i = 2, #ARGV do arguments[i - 1] = ARGV[i] end
return op[ARGV[1]](unpack(arguments))

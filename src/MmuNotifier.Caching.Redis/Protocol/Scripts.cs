namespace MmuNotifier.Caching.Redis;

/// <summary>
/// What Redis runs. Each script is one step on the server. KEYS: the state, the log. ARGV 1 to 3: a new epoch in case there is none (never
/// the same twice), mode, lease in milliseconds.
/// </summary>
/// <remarks>
/// The state is one hash, so that eviction takes all of it or nothing: e, r the epoch and the replication id it belongs to; q the sequence;
/// m, l mode and lease; z whether it is settled; s:SCOPE milliseconds and the entry that started it. In strict mode, c counts renewals, of
/// all nodes, and n:NODE has the number of its last renewal, never given twice in an epoch, and position.
/// </remarks>
internal static class Scripts
{
    /// <summary>
    /// Another replication id means that this is another server, or the same after a restart: what it has may be older than what nodes
    /// know.
    /// </summary>
    private const string Epoch = """
        local info = redis.call('INFO', 'replication')
        local replid = string.match(info, 'master_replid:(%x+)')
        local replicas = tonumber(string.match(info, 'connected_slaves:(%d+)') or '0')
        local s = redis.call('HMGET', KEYS[1], 'e', 'r', 'q', 'm', 'l', 'z')
        if not s[1] or s[2] ~= replid then
          redis.call('DEL', KEYS[1], KEYS[2])
          s = {ARGV[1], replid, '0', ARGV[2], ARGV[3], '0'}
          redis.call('HSET', KEYS[1], 'e', s[1], 'r', s[2], 'q', s[3], 'm', s[4], 'l', s[5], 'z', s[6])
        elseif s[4] ~= ARGV[2] or s[5] ~= ARGV[3] then
          return {'mismatch', s[4], s[5]}
        end

        """;

    private const string HoldersFunction = """
        local function holders()
          local found = {}
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            if string.sub(all[i], 1, 2) == 'n:' then
              found[#found + 1] = string.sub(all[i], 3)
              found[#found + 1] = all[i + 1]
            end
          end
          return found
        end

        """;

    /// <summary>
    /// Once in a script, and before it writes anything else: a user who may not publish gets an error from it, and nothing is left behind.
    /// </summary>
    private const string AppendFunction = """
        local function append(entry)
          local q = tonumber(s[3]) + 1
          local now = redis.call('TIME')
          local us = string.format('%d%06d', now[1], now[2])
          local id = string.format('%.0f', q)
          redis.call('PUBLISH', ARGV[5], s[1] .. ' ' .. id .. ' ' .. us .. ' ' .. entry)
          redis.call('HSET', KEYS[1], 'q', id)
          redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], id .. '-0', 'x', entry, 't', us)
          return q
        end

        """;

    /// <summary>
    /// ARGV: 4 node, 5 the epoch that it knows, 6 its position, 7 entries at most, 8 policy, 9 channel of acknowledgements.
    /// </summary>
    public const string Sync = Epoch + """
        local known = ARGV[5] == s[1]
        local position = known and tonumber(ARGV[6]) or -1
        if ARGV[2] == 's' then
          local field = 'n:' .. ARGV[4]
          local old = redis.call('HGET', KEYS[1], field)
          local acknowledged = -1
          if old then acknowledged = tonumber(string.match(old, '^%d+ (-?%d+)$')) end
          if known and position > acknowledged then
            redis.call('PUBLISH', ARGV[9], s[1] .. ' ' .. ARGV[4] .. ' ' .. ARGV[6])
          end
          redis.call('HSET', KEYS[1], field, string.format('%.0f %.0f', redis.call('HINCRBY', KEYS[1], 'c', 1), position))
        end
        local q = tonumber(s[3])
        local entries, scopes, first = {}, {}, q + 1
        if known then
          if position < q then
            entries = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', position + 1), '+', 'COUNT', ARGV[7])
          end
        else
          local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
          if oldest[1] then first = tonumber(string.match(oldest[1][1], '^%d+')) end
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            if string.sub(all[i], 1, 2) == 's:' then
              scopes[#scopes + 1] = string.sub(all[i], 3)
              scopes[#scopes + 1] = string.sub(all[i + 1], string.find(all[i + 1], ' ', 1, true) + 1)
            end
          end
        end
        local policy = ''
        if ARGV[8] == '1' then policy = string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:([%w-]+)') or '' end
        local now = redis.call('TIME')
        return {s[1], s[3], string.format('%.0f', first), s[6], replicas, policy, string.format('%d%06d', now[1], now[2]), entries, scopes}
        """;

    /// <summary>ARGV: 4 length of the log, 5 channel, 6 entry, 7 start, end or nothing, 8 scope, 9 its milliseconds.</summary>
    public const string Append = Epoch + HoldersFunction + AppendFunction + """
        local waited = {}
        if ARGV[2] == 's' then waited = holders() end
        local q = append(ARGV[6])
        local had = 0
        if ARGV[7] == 'end' then had = redis.call('HDEL', KEYS[1], 's:' .. ARGV[8]) end
        if ARGV[7] == 'start' then redis.call('HSET', KEYS[1], 's:' .. ARGV[8], ARGV[9] .. ' ' .. ARGV[6]) end
        return {s[1], string.format('%.0f', q), s[6], replicas, had, waited}
        """;

    /// <summary>ARGV: 4 length of the log, 5 channel, 6 scope.</summary>
    public const string ExpireScope = Epoch + AppendFunction + """
        local scope = redis.call('HGET', KEYS[1], 's:' .. ARGV[6])
        if scope then
          append('E' .. string.sub(scope, string.find(scope, ' ', 1, true) + 2))
          redis.call('HDEL', KEYS[1], 's:' .. ARGV[6])
        end
        return {}
        """;

    public const string ReadHolders = Epoch + HoldersFunction + """
        return {s[1], holders()}
        """;

    /// <summary>ARGV: 4 epoch, then nodes, each with the number of its last renewal.</summary>
    public const string Expel = Epoch + """
        if s[1] == ARGV[4] then
          for i = 5, #ARGV, 2 do
            local field = 'n:' .. ARGV[i]
            local now = redis.call('HGET', KEYS[1], field)
            if now and string.match(now, '^%d+') == ARGV[i + 1] then redis.call('HDEL', KEYS[1], field) end
          end
        end
        return {}
        """;

    /// <summary>ARGV: 4 epoch.</summary>
    public const string SettleEpoch = Epoch + """
        if s[1] == ARGV[4] then redis.call('HSET', KEYS[1], 'z', '1') end
        return {}
        """;
}

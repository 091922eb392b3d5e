using Microsoft.Data.Sqlite;

namespace MmuNotifier.Tests.Targets.CacheNode;

/// <summary>
/// A database with a version for each key, which all nodes share. Each call has a connection of the pool, so it sees what is committed.
/// </summary>
internal sealed class Source : IDisposable
{
    private readonly string _connection;

    public Source(string path)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        Execute("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS item (key TEXT PRIMARY KEY, version INTEGER NOT NULL);");
    }

    public long Read(string key) => Execute("SELECT COALESCE((SELECT version FROM item WHERE key = $key), 0);", key);

    /// <returns>The new version, which is committed.</returns>
    public long Change(string key) => Execute(
        "INSERT INTO item VALUES ($key, 1) ON CONFLICT (key) DO UPDATE SET version = version + 1 RETURNING version;", key);

    public void Dispose() => SqliteConnection.ClearAllPools();

    private long Execute(string sql, string key = "")
    {
        using var connection = new SqliteConnection(_connection);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$key", key);
        return command.ExecuteScalar() is long value ? value : 0;
    }
}

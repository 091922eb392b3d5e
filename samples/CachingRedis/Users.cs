using Microsoft.Data.Sqlite;

namespace CachingRedis;

/// <summary>The table of users, in SQLite.</summary>
internal sealed class Users
{
    private readonly string _connection;
    private readonly TaskCompletionSource _hasRead = new();
    private readonly TaskCompletionSource _released = new();
    private volatile bool _holds;

    public Users(string path)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        Run("CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);", 0, "");
    }

    /// <summary>A read that has its answer, and is slow to return.</summary>
    public Task HasRead => _hasRead.Task;

    public async ValueTask<string> ReadAsync(int id)
    {
        string name = Run("SELECT name FROM user WHERE id = $id;", id, "") ?? "nobody";
        if (_holds)
        {
            _holds = false;
            _hasRead.SetResult();
            await _released.Task;
        }

        return name;
    }

    public void Rename(int id, string name) => Run("INSERT OR REPLACE INTO user VALUES ($id, $name);", id, name);

    public void HoldNextRead() => _holds = true;

    public void Release() => _released.SetResult();

    private string? Run(string sql, int id, string name)
    {
        using var connection = new SqliteConnection(_connection);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() as string;
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace TdmEdu.Central.Storage;

/// <summary>Lets <c>dotnet ef migrations add NAME --context SqliteCentralDb</c> make the model without a database.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteCentralDb>
{
    public SqliteCentralDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteCentralDb>().UseSqlite("Data Source=:memory:").Options);
}

/// <summary>Lets <c>dotnet ef migrations add NAME --context PostgresCentralDb</c> make the model without a database.</summary>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresCentralDb>
{
    public PostgresCentralDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresCentralDb>().UseNpgsql("Host=127.0.0.1").Options);
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Sqlite
{
    /// <summary>What was written before has no hash and stays in front of the chain.</summary>
    public partial class AuditChain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                CREATE TABLE audit_chain (
                    pos INTEGER NOT NULL CONSTRAINT PK_audit PRIMARY KEY, at_ms INTEGER NOT NULL, event TEXT NOT NULL, actor BLOB NOT NULL,
                    subject TEXT NOT NULL, reason TEXT NOT NULL, hash BLOB NOT NULL);
                INSERT INTO audit_chain SELECT row_number() OVER (ORDER BY at_ms, id), at_ms, event, actor, subject, reason, x'' FROM audit;
                DROP TABLE audit;
                ALTER TABLE audit_chain RENAME TO audit;
                CREATE INDEX IX_audit_at_ms ON audit (at_ms);
                INSERT INTO meta (key, value) SELECT 'audit_head', n || ' ' FROM (SELECT count(*) AS n FROM audit) AS before WHERE n > 0;
                CREATE TRIGGER audit_keep BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit never changes'); END;
                CREATE TRIGGER audit_stay BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never deleted'); END;
                CREATE TRIGGER box_audit_keep BEFORE UPDATE ON ops WHEN OLD.entity = 'sync.audit' BEGIN SELECT RAISE(ABORT, 'the audit never changes'); END;
                CREATE TRIGGER box_audit_stay BEFORE DELETE ON ops WHEN OLD.entity = 'sync.audit' BEGIN SELECT RAISE(ABORT, 'the audit is never deleted'); END;
                """);
            migrationBuilder.CreateTable(
                name: "guarded_acts",
                columns: table => new
                {
                    act_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    act = table.Column<string>(type: "TEXT", nullable: false),
                    asked_at_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    first_by = table.Column<byte[]>(type: "BLOB", nullable: true),
                    second_by = table.Column<byte[]>(type: "BLOB", nullable: true),
                    done_at_ms = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table => table.PrimaryKey("PK_guarded_acts", x => x.act_id));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "guarded_acts");
            migrationBuilder.Sql("""
                DROP TRIGGER box_audit_keep;
                DROP TRIGGER box_audit_stay;
                CREATE TABLE audit_rows (
                    id BLOB NOT NULL CONSTRAINT PK_audit PRIMARY KEY, at_ms INTEGER NOT NULL, event TEXT NOT NULL, actor BLOB NOT NULL,
                    subject TEXT NOT NULL, reason TEXT NOT NULL);
                INSERT INTO audit_rows SELECT randomblob(16), at_ms, event, actor, subject, reason FROM audit;
                DROP TABLE audit;
                ALTER TABLE audit_rows RENAME TO audit;
                CREATE INDEX IX_audit_at_ms ON audit (at_ms);
                DELETE FROM meta WHERE key = 'audit_head';
                """);
        }
    }
}

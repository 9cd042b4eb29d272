using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Postgres
{
    /// <summary>What was written before has no hash and stays in front of the chain.</summary>
    public partial class AuditChain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                CREATE TABLE audit_chain (
                    pos bigint NOT NULL, at_ms bigint NOT NULL, event text COLLATE "C" NOT NULL, actor uuid NOT NULL,
                    subject text COLLATE "C" NOT NULL, reason text COLLATE "C" NOT NULL, hash bytea NOT NULL);
                INSERT INTO audit_chain SELECT row_number() OVER (ORDER BY at_ms, id), at_ms, event, actor, subject, reason, ''::bytea FROM audit;
                DROP TABLE audit;
                ALTER TABLE audit_chain RENAME TO audit;
                ALTER TABLE audit ADD CONSTRAINT "PK_audit" PRIMARY KEY (pos);
                CREATE INDEX "IX_audit_at_ms" ON audit (at_ms);
                INSERT INTO meta (key, value) SELECT 'audit_head', n || ' ' FROM (SELECT count(*) AS n FROM audit) AS before WHERE n > 0;
                CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$;
                CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
                CREATE TRIGGER audit_stay BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
                CREATE TRIGGER box_audit_keep BEFORE UPDATE OR DELETE ON ops FOR EACH ROW WHEN (OLD.entity = 'sync.audit') EXECUTE FUNCTION audit_only_grows();
                """);
            migrationBuilder.CreateTable(
                name: "guarded_acts",
                columns: table => new
                {
                    act_id = table.Column<Guid>(type: "uuid", nullable: false),
                    act = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    asked_at_ms = table.Column<long>(type: "bigint", nullable: false),
                    first_by = table.Column<Guid>(type: "uuid", nullable: true),
                    second_by = table.Column<Guid>(type: "uuid", nullable: true),
                    done_at_ms = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table => table.PrimaryKey("PK_guarded_acts", x => x.act_id));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "guarded_acts");
            migrationBuilder.Sql("""
                DROP TRIGGER box_audit_keep ON ops;
                CREATE TABLE audit_rows (
                    id uuid NOT NULL, at_ms bigint NOT NULL, event text COLLATE "C" NOT NULL, actor uuid NOT NULL,
                    subject text COLLATE "C" NOT NULL, reason text COLLATE "C" NOT NULL);
                INSERT INTO audit_rows SELECT gen_random_uuid(), at_ms, event, actor, subject, reason FROM audit;
                DROP TABLE audit;
                ALTER TABLE audit_rows RENAME TO audit;
                ALTER TABLE audit ADD CONSTRAINT "PK_audit" PRIMARY KEY (id);
                CREATE INDEX "IX_audit_at_ms" ON audit (at_ms);
                DROP FUNCTION audit_only_grows();
                DELETE FROM meta WHERE key = 'audit_head';
                """);
        }
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class CutStamps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_ops_scope_id_hlc",
                table: "ops",
                columns: new[] { "scope", "id", "hlc" },
                filter: "hlc <> applied_hlc");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ops_scope_id_hlc",
                table: "ops");
        }
    }
}

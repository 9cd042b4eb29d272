using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class PartialIndexOfRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_records_scope_entity_index_key",
                table: "records");

            migrationBuilder.CreateIndex(
                name: "IX_records_scope_entity_index_key",
                table: "records",
                columns: new[] { "scope", "entity", "index_key" },
                filter: "NOT deleted");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_records_scope_entity_index_key",
                table: "records");

            migrationBuilder.CreateIndex(
                name: "IX_records_scope_entity_index_key",
                table: "records",
                columns: new[] { "scope", "entity", "index_key" });
        }
    }
}

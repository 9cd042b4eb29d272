using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Enrolment : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_nodes_thumbprint",
                table: "nodes");

            migrationBuilder.RenameColumn(
                name: "thumbprint",
                table: "nodes",
                newName: "key_pin");

            migrationBuilder.AddColumn<string>(
                name: "certified_by",
                table: "nodes",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<long>(
                name: "certified_until_ms",
                table: "nodes",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lan_hosts",
                table: "nodes",
                type: "text",
                nullable: false,
                defaultValue: "",
                collation: "C");

            migrationBuilder.AddColumn<long>(
                name: "renewal_allowed_until_ms",
                table: "nodes",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "renewal_asked_at_ms",
                table: "nodes",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "enrolments",
                columns: table => new
                {
                    enrolment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    ticket_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    school = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    node_request = table.Column<byte[]>(type: "bytea", nullable: false),
                    lan_request = table.Column<byte[]>(type: "bytea", nullable: false),
                    lan_hosts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    commitment = table.Column<byte[]>(type: "bytea", nullable: false),
                    nonce = table.Column<byte[]>(type: "bytea", nullable: false),
                    authority = table.Column<byte[]>(type: "bytea", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    asked_at_ms = table.Column<long>(type: "bigint", nullable: false),
                    words = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    decision = table.Column<int>(type: "integer", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_enrolments", x => x.enrolment_id);
                });

            migrationBuilder.CreateTable(
                name: "join_codes",
                columns: table => new
                {
                    code_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    school = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    made_by = table.Column<Guid>(type: "uuid", nullable: false),
                    made_at_ms = table.Column<long>(type: "bigint", nullable: false),
                    expires_at_ms = table.Column<long>(type: "bigint", nullable: false),
                    used_at_ms = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_join_codes", x => x.code_hash);
                });

            migrationBuilder.CreateIndex(
                name: "IX_nodes_key_pin",
                table: "nodes",
                column: "key_pin",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_enrolments_ticket_hash",
                table: "enrolments",
                column: "ticket_hash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "enrolments");

            migrationBuilder.DropTable(
                name: "join_codes");

            migrationBuilder.DropIndex(
                name: "IX_nodes_key_pin",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "certified_by",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "certified_until_ms",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "lan_hosts",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "renewal_allowed_until_ms",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "renewal_asked_at_ms",
                table: "nodes");

            migrationBuilder.RenameColumn(
                name: "key_pin",
                table: "nodes",
                newName: "thumbprint");

            migrationBuilder.CreateIndex(
                name: "IX_nodes_thumbprint",
                table: "nodes",
                column: "thumbprint");
        }
    }
}

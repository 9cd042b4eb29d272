using QRCoder;

namespace TdmEdu.Modules.Shell;

/// <summary>A text for a phone's camera or a scanner.</summary>
internal static class QrPicture
{
    private const int ModulePixels = 5;

    /// <summary>The picture as the address that an image element shows: it is in no file and no cache.</summary>
    public static string Of(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var png = new PngByteQRCode(data);
        return $"data:image/png;base64,{Convert.ToBase64String(png.GetGraphic(ModulePixels))}";
    }
}

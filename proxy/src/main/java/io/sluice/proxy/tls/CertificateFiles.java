package io.sluice.proxy.tls;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;

/**
 * Where one certificate lies.
 *
 * @param certificate PEM; the server's own first, then those that signed it
 * @param key PEM, PKCS #8, not encrypted
 */
public record CertificateFiles(Path certificate, Path key) {
    private static final Path NOWHERE = Path.of("");

    static CertificateFiles read(SettingsReader reader) {
        return new CertificateFiles(file(reader, "certificate"), file(reader, "key"));
    }

    private static Path file(SettingsReader reader, String key) {
        Path file = reader.filePath(key).orElse(null);
        if (file == null) {
            reader.problem(key, null, "a PEM file");
            return NOWHERE;
        }
        return file;
    }
}

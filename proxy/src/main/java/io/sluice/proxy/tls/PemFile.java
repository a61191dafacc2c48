package io.sluice.proxy.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the two kinds of PEM files (RFC 7468) that a listener needs. */
final class PemFile {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private PemFile() {}

    /** At least one. */
    static List<X509Certificate> certificates(byte[] content) throws GeneralSecurityException {
        List<X509Certificate> certificates =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content)).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("no certificate in it");
        }
        return certificates;
    }

    /** @param algorithm of the certificate that it belongs to */
    static PrivateKey key(byte[] content, String algorithm) throws GeneralSecurityException {
        Matcher found = KEY.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw new GeneralSecurityException("no PKCS #8 key in it, which begins with -----BEGIN PRIVATE KEY-----");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (IllegalArgumentException malformed) {
            throw new GeneralSecurityException("the key in it is not Base64", malformed);
        }
    }
}

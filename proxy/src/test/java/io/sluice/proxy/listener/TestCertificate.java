package io.sluice.proxy.listener;

import io.sluice.proxy.tls.CertificateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate that signs itself, with its key, made by the Java runtime's own tool; in files and as clients need it. */
final class TestCertificate {
    private static final char[] PASSWORD = "password".toCharArray();

    private final KeyStore store;
    private final X509Certificate certificate;

    private TestCertificate(KeyStore store) throws GeneralSecurityException {
        this.store = store;
        this.certificate = (X509Certificate) store.getCertificate("own");
    }

    static TestCertificate make(Path folder, String algorithm, String... names) throws Exception {
        Path file = folder.resolve("store-" + Long.toHexString(new SecureRandom().nextLong()) + ".p12");
        String alternatives = Arrays.stream(names).map(name -> "dns:" + name).collect(Collectors.joining(","));
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + names[0],
                        "-ext",
                        "san=" + alternatives,
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!tool.waitFor(30, TimeUnit.SECONDS) || tool.exitValue() != 0) {
            throw new AssertionError("keytool failed: " + output);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new TestCertificate(store);
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** Writes both to files of this name, replacing what is there. */
    CertificateFiles writeTo(Path folder, String name) throws Exception {
        CertificateFiles files = new CertificateFiles(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
        writeKey(files.key());
        writeCertificate(files.certificate());
        return files;
    }

    void writeCertificate(Path file) throws Exception {
        Files.writeString(file, pem("CERTIFICATE", certificate.getEncoded()));
    }

    void writeKey(Path file) throws Exception {
        Key key = store.getKey("own", PASSWORD);
        Files.writeString(file, pem("PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(String kind, byte[] encoded) {
        String text = Base64.getMimeEncoder().encodeToString(encoded);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }

    /** For a client that believes these certificates and shows none. */
    static SSLContext trusting(TestCertificate... trusted) throws GeneralSecurityException, IOException {
        return context(null, List.of(trusted));
    }

    /** For a client that shows this one. */
    SSLContext clientTrusting(TestCertificate... trusted) throws GeneralSecurityException, IOException {
        return context(store, List.of(trusted));
    }

    private static SSLContext context(@Nullable KeyStore own, List<TestCertificate> trusted)
            throws GeneralSecurityException, IOException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        for (TestCertificate each : trusted) {
            trust.setCertificateEntry(each.certificate.getSerialNumber().toString(), each.certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), managers.getTrustManagers(), null);
        return context;
    }
}

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
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Signs certificates, by the Java runtime's own tool. */
final class TestAuthority {
    private static final String PASSWORD = "password";
    private static final String OWN = "authority";

    private final Path folder;
    private final Path store;
    private int issued;

    TestAuthority(Path folder) throws Exception {
        this.folder = folder;
        this.store = folder.resolve("authority.p12");
        keytool("-genkeypair", "-alias", OWN, "-dname", "CN=Authority", "-ext", "bc:c", "-validity", "30");
    }

    /** A certificate for these names, DNS or IPv4, from {@code start} (as keytool writes it) on for so many days. */
    Issued issue(String start, int days, String... names) throws Exception {
        issued++;
        String alias = "issued-" + issued;
        String alternatives = Arrays.stream(names)
                .map(name -> (name.matches("[0-9.]+") ? "ip:" : "dns:") + name)
                .collect(Collectors.joining(","));
        keytool(
                "-genkeypair",
                "-alias",
                alias,
                "-signer",
                OWN,
                "-dname",
                "CN=" + names[0],
                "-ext",
                "san=" + alternatives,
                "-startdate",
                start,
                "-validity",
                String.valueOf(days));
        return new Issued(alias);
    }

    private void keytool(String... what) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(Arrays.asList(what));
        command.addAll(List.of(
                "-keyalg", "EC", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
            throw new AssertionError("keytool failed: " + output);
        }
    }

    private KeyStore open() throws GeneralSecurityException, IOException {
        KeyStore opened = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            opened.load(in, PASSWORD.toCharArray());
        }
        return opened;
    }

    /** Its own certificate. */
    Path file() throws Exception {
        Path file = folder.resolve("authority.pem");
        Files.writeString(file, pem("CERTIFICATE", open().getCertificate(OWN).getEncoded()));
        return file;
    }

    private static String pem(String kind, byte[] encoded) {
        String text = Base64.getMimeEncoder().encodeToString(encoded);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }

    /** One that it signed. */
    final class Issued {
        private final String alias;

        private Issued(String alias) {
            this.alias = alias;
        }

        CertificateFiles files() throws Exception {
            CertificateFiles files =
                    new CertificateFiles(folder.resolve(alias + ".pem"), folder.resolve(alias + ".key"));
            Key key = open().getKey(alias, PASSWORD.toCharArray());
            Files.writeString(files.key(), pem("PRIVATE KEY", key.getEncoded()));
            StringBuilder chain = new StringBuilder();
            for (Certificate each : open().getCertificateChain(alias)) {
                chain.append(pem("CERTIFICATE", each.getEncoded()));
            }
            Files.writeString(files.certificate(), chain);
            return files;
        }

        /** For a server that shows it, and that believes what this authority signed. */
        SSLContext server() throws GeneralSecurityException, IOException {
            KeyStore all = open();
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    "own",
                    all.getKey(alias, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(alias));
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("ca", all.getCertificate(OWN));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trust);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), managers.getTrustManagers(), null);
            return context;
        }
    }
}

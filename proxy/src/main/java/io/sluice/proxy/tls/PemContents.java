package io.sluice.proxy.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was in a number of files at one time. They are small; comparing them whole misses nothing that times and sizes would. */
final class PemContents {
    private static final Logger LOG = LoggerFactory.getLogger(PemContents.class);

    private final Map<Path, byte[]> contents = new HashMap<>();

    private PemContents() {}

    /** What cannot be read is left out. Blocks. */
    static PemContents read(Set<Path> files) {
        PemContents found = new PemContents();
        for (Path file : files) {
            try {
                found.contents.put(file, Files.readAllBytes(file));
            } catch (IOException e) {
                LOG.debug("{} cannot be read", file, e);
            }
        }
        return found;
    }

    boolean isSameAs(PemContents other) {
        return contents.keySet().equals(other.contents.keySet())
                && contents.keySet().stream()
                        .allMatch(file -> Arrays.equals(contents.get(file), other.contents.get(file)));
    }

    private byte[] content(Path file) {
        byte[] content = contents.get(file);
        if (content == null) {
            throw new CertificateFileException(file, "a file that can be read", null);
        }
        return content;
    }

    /** At least one; throws {@link CertificateFileException}. */
    List<X509Certificate> certificates(Path file) {
        try {
            return PemFile.certificates(content(file));
        } catch (GeneralSecurityException e) {
            throw new CertificateFileException(file, "certificates in PEM", e);
        }
    }

    /** The key of {@code own}, which was found in the certificate's file; throws {@link CertificateFileException}. */
    PrivateKey key(CertificateFiles files, X509Certificate own) {
        PrivateKey key;
        try {
            key = PemFile.key(content(files.key()), own.getPublicKey().getAlgorithm());
        } catch (GeneralSecurityException e) {
            throw new CertificateFileException(files.key(), "the key of " + files.certificate(), e);
        }
        try {
            if (KeyPairCheck.belongTogether(key, own.getPublicKey())) {
                return key;
            }
        } catch (GeneralSecurityException e) {
            throw new CertificateFileException(files.key(), "the key of " + files.certificate(), e);
        }
        throw new CertificateFileException(files.key(), "the key of " + files.certificate(), null);
    }
}

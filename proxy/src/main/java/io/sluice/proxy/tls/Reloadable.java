package io.sluice.proxy.tls;

/** Something that is made of files which may change. Both methods block and belong on one worker thread. */
public interface Reloadable {
    /**
     * Reads the files for the first time.
     *
     * @throws CertificateFileException when they cannot be used
     */
    void load();

    /** Takes the files over if they changed and can be used; otherwise everything stays as it is, and the log says so once. */
    void reload();
}

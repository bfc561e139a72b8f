-- Documents of the shelf: their versions are only added to, and so is who accepted which.
CREATE TABLE documents (
    id         uuid PRIMARY KEY,
    slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 60),
    -- Whose shelf it stands on, and who may read it.
    shelf      text NOT NULL CHECK (shelf IN ('municipality', 'provider')),
    access     text NOT NULL CHECK (access IN ('public', 'members', 'municipality', 'provider')),
    place      int  NOT NULL DEFAULT 0,
    newest     int  NOT NULL DEFAULT 0 CHECK (newest >= 0),
    version    bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision   bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at timestamptz NOT NULL,
    said_at    timestamptz
);

CREATE TABLE document_versions (
    document_id  uuid NOT NULL REFERENCES documents,
    number       int  NOT NULL CHECK (number > 0),
    effective_on date NOT NULL,
    title        text NOT NULL,
    about        text NOT NULL,
    change_note  text NOT NULL,
    -- The reading copy, by language.
    texts        jsonb NOT NULL CHECK (texts ? 'ja'),
    notice_id    uuid REFERENCES notices,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    PRIMARY KEY (document_id, number),
    UNIQUE (document_id, effective_on)
);

CREATE FUNCTION refuse_version_out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM document_versions v
         WHERE v.document_id = NEW.document_id AND v.number < NEW.number AND v.effective_on >= NEW.effective_on
    ) OR NEW.number <> 1 + coalesce(
        (SELECT max(v.number) FROM document_versions v WHERE v.document_id = NEW.document_id), 0
    ) THEN
        RAISE EXCEPTION 'versions follow each other in number and in day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_order BEFORE INSERT ON document_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_version_out_of_order();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON document_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE version_files (
    document_id uuid NOT NULL,
    number      int  NOT NULL,
    place       int  NOT NULL,
    file_id     uuid NOT NULL REFERENCES files,
    PRIMARY KEY (document_id, number, place),
    UNIQUE (document_id, number, file_id),
    FOREIGN KEY (document_id, number) REFERENCES document_versions
);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON version_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Which version an organisation agreed to. The register may hear of a version before it stands here.
CREATE TABLE acceptances (
    organisation_id uuid NOT NULL,
    slug            text NOT NULL,
    name            date NOT NULL,
    accepted_at     timestamptz NOT NULL,
    accepted_by     text NOT NULL,
    PRIMARY KEY (organisation_id, slug, name)
);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON acceptances
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

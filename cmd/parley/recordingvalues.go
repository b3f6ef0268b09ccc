package main

import (
	"errors"
	"fmt"

	"parley/recorder/archive"
)

// bucketValue is the address of a bucket.
type bucketValue struct{ p *string }

func (v *bucketValue) String() string { return *v.p }

func (v *bucketValue) Set(text string) error {
	// The keys are other settings: here they only have to be there.
	s, err := archive.NewS3(archive.S3Config{URL: text, AccessKey: "-", SecretKey: "-"})
	if err != nil {
		return fmt.Errorf("%q cannot be used: %w", text, err)
	}
	*v.p = text
	return s.Close()
}

// storage returns where recordings go; nil: nowhere else.
func (c RecordingConfig) storage() (*archive.S3, error) {
	if c.StorageURL == "" {
		return nil, nil
	}
	if c.StorageSecretFile == "" {
		return nil, errors.New("recording.storage_secret_file: is missing; write the file with the secret key of recording.storage_url")
	}
	secret, err := readSecret("recording.storage_secret_file", c.StorageSecretFile)
	if err != nil {
		return nil, err
	}
	s, err := archive.NewS3(archive.S3Config{
		URL: c.StorageURL, Region: c.StorageRegion, AccessKey: c.StorageKey, SecretKey: secret,
	})
	if err != nil {
		return nil, fmt.Errorf("recording.storage_url: %w", err)
	}
	return s, nil
}

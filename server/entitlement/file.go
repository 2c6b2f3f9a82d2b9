package entitlement

import (
	"context"

	"holdfast/server/attachment"
	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// Attach adds files to a paper. Faults: Missing, Denied, Invalid, TooLarge.
func (s *Service) Attach(ctx context.Context, to PaperID, uploads ...attachment.Upload) (files []attachment.File, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		paper, err := changeable(ctx, tx, to)
		if err != nil {
			return err
		}
		object := attachment.Object{Kind: PaperObject, ID: to.String()}
		if files, err = attachment.Add(ctx, tx, object, uploads...); err != nil {
			return err
		}
		for _, file := range files {
			after := audit.Fields{"number": paper.Number, "file": file.Name, "size_bytes": file.Size}
			if err := audit.Record(ctx, tx, "paper.file_added", audit.Object{Kind: PaperObject, ID: to.String()}, nil, after); err != nil {
				return err
			}
		}
		return nil
	})
	return files, err
}

// Files lists the files of papers, by the paper's identifier. Fault: Denied.
func (s *Service) Files(ctx context.Context, papers ...PaperID) (map[string][]attachment.File, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	ids := make([]string, len(papers))
	for i, paper := range papers {
		ids[i] = paper.String()
	}
	return attachment.Of(s.db.Read(ctx), PaperObject, ids...)
}

// File gives a file of a paper with its content. Faults: Missing, Denied.
func (s *Service) File(ctx context.Context, of attachment.ID) (attachment.File, []byte, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return attachment.File{}, nil, err
	}
	file, err := attachment.Find(s.db.Read(ctx), of)
	if err != nil {
		return attachment.File{}, nil, err
	}
	if file.Object.Kind != PaperObject { // belongs to something else, whose readers are others
		return attachment.File{}, nil, fault.NewMissing("attachment")
	}
	content, err := attachment.Content(s.db.Read(ctx), of)
	return file, content, err
}

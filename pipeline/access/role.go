// Package access says who may do what: accounts, passwords, sessions, tokens for commands,
// and what each role may do in a project.
package access

import (
	"fmt"
	"slices"
)

// A Role is what an account is in a project; it may be several things.
type Role string

const (
	Researcher Role = "researcher" // brings recordings in, reads, codes and takes exports out
	Analyst    Role = "analyst"    // reads and codes
	Ops        Role = "ops"        // keeps jobs and machines going; never sees words, names or titles
	Admin      Role = "admin"      // a researcher who also says who is what
	Protection Role = "protection" // the data protection role: reads the audit log, and nothing else
)

// Roles are all there are.
var Roles = []Role{Researcher, Analyst, Ops, Admin, Protection}

// ParseRole reads a role's name.
func ParseRole(name string) (Role, error) {
	if !slices.Contains(Roles, Role(name)) {
		return "", fmt.Errorf("no role %q: choose one of %v", name, Roles)
	}
	return Role(name), nil
}

// An Act is a kind of thing to do. It is also a scope of a token.
type Act string

const (
	Read    Act = "read"    // words and sound of recordings, and search in them
	Code    Act = "code"    // decide and correct
	Export  Act = "export"  // take words out of the system, with labels for what points to a person
	Reveal  Act = "reveal"  // have without labels what is exported, and what the project masks
	Upload  Act = "upload"  // bring recordings in
	Design  Act = "design"  // choose the codebook and the model, and say who codes what
	Watch   Act = "watch"   // where the work on recordings stands, without words, names and titles
	Retry   Act = "retry"   // stop work, and start what failed or was stopped again
	Manage  Act = "manage"  // say who is what
	Operate Act = "operate" // see and steer the jobs of all projects, by their ids
	Audit   Act = "audit"   // read who did what
)

// Acts are all there are.
var Acts = []Act{Read, Code, Export, Reveal, Upload, Design, Watch, Retry, Operate, Manage, Audit}

// May reports whether the role allows the act.
func (r Role) May(act Act) bool {
	switch r {
	case Researcher:
		return act != Manage && act != Operate && act != Audit
	case Analyst:
		return act == Read || act == Code || act == Watch
	case Ops:
		return act == Watch || act == Retry || act == Operate
	case Admin:
		return act != Operate && act != Audit
	case Protection:
		return act == Audit
	}
	return false
}

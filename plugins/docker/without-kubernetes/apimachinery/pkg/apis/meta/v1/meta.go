package v1

import "fmt"

type (
	TypeMeta      struct{ Kind, APIVersion string }
	GetOptions    struct{}
	CreateOptions struct{}
	UpdateOptions struct{}
	DeleteOptions struct{}
	ListOptions   struct{ LabelSelector string }
	LabelSelector struct{ MatchLabels map[string]string }
	ObjectMeta    struct {
		Name, Namespace     string
		Labels, Annotations map[string]string
	}
)

func LabelSelectorAsSelector(*LabelSelector) (fmt.Stringer, error) {
	return nil, fmt.Errorf("no Kubernetes")
}
